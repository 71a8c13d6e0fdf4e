-- POST, an invoice of 400 bytes; or another size: wrk ... -s create-invoice.lua URL -- BYTES
local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local invoice = dofile(folder .. "invoice.lua")

wrk.method = "POST"
wrk.path = "/v1/customers/c-42/invoices"
wrk.headers["Content-Type"] = "application/json"

function init(args)
  wrk.body = invoice(tonumber(args[1]) or 400)
end
