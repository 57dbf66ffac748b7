-- KEYS[1]: as in take.lua. Returns code, milliseconds left and probe where calls are
-- held, else nothing. It changes nothing.
local code, ends, probe = unpack(redis.call('HMGET', KEYS[1], 'code', 'ends', 'probe'))
if not code then
  return {}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left = tonumber(ends) - now
if left <= 0 then
  return {}
end
return {tonumber(code), left, tonumber(probe)}
