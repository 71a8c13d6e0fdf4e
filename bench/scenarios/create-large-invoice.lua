-- POST, an invoice of 100 KB.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(folder .. "create-invoice.lua")
local create = init

function init()
  create({102400})
end
