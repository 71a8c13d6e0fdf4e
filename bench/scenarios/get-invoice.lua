-- GET, an invoice of 400 bytes; or another path: wrk ... -s get-invoice.lua URL -- PATH
function init(args)
  wrk.path = args[1] or "/v1/invoices/inv-1001"
end
