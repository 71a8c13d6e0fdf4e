-- An invoice as JSON, of about `bytes` bytes: what bench/sample_invoice.cc makes.
local head = '{"id":"inv-1001","customerId":"c-42","status":"STATUS_OPEN","total":{"currency":"EUR","units":"129"},' ..
    '"createdAt":"2026-09-21T14:13:20Z","labels":{"region":"eu"},"discount":12.5,"checksum":"q83vEjRWeJA=","lines":['
local line = '{"sku":"sku-%d","description":"Widget","quantity":2,"price":{"currency":"EUR","units":"64"}}'

return function(bytes)
  local lines = {}
  for i = 1, math.max(1, math.floor((bytes - #head) / (#line + 3) + 0.5)) do
    lines[i] = line:format(1000 + i % 9000)
  end
  return head .. table.concat(lines, ",") .. "]}"
end
