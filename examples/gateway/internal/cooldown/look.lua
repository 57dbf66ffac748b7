-- Returns code, milliseconds left and probe where calls are held, else nothing. It
-- changes nothing.
local code, ends, probe = entry()
if not code or ends <= now then
  return {}
end
return {code, ends - now, probe}
