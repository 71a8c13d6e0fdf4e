-- A server stream of 100 messages.
wrk.path = "/v1/invoices:watch"
