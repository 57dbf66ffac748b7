-- KEYS[1]: a hash of code, ends (milliseconds) and probe (milliseconds).
-- Returns code, milliseconds left and probe, or nothing. 0 left: the probe.
local code, ends, probe = unpack(redis.call('HMGET', KEYS[1], 'code', 'ends', 'probe'))
if not code then
  return {}
end
code, ends, probe = tonumber(code), tonumber(ends), tonumber(probe)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now < ends then
  return {code, ends - now, probe}
end
if probe == 0 then
  return {}
end
redis.call('HSET', KEYS[1], 'ends', now + probe)
redis.call('PEXPIRE', KEYS[1], 2 * probe)
return {code, 0, probe}
