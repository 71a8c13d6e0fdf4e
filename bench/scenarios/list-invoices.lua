-- GET, a list of 35 KB.
wrk.path = "/v1/invoices"
