-- Returns code, milliseconds left and probe, or nothing. 0 left: the probe.
local code, ends, probe = entry()
if unreadable then
  redis.call('DEL', KEYS[1])
end
if not code then
  return {}
end
if now < ends then
  return {code, ends - now, probe}
end
if probe == 0 then
  return {}
end
redis.call('HSET', KEYS[1], 'ends', now + probe)
redis.call('PEXPIRE', KEYS[1], 2 * probe)
return {code, 0, probe}
