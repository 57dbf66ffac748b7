-- ARGV: code, milliseconds left, probe.
local left, probe = tonumber(ARGV[2]), tonumber(ARGV[3])
local _, ends = entry()
if unreadable then
  redis.call('DEL', KEYS[1])
end
if ends and ends > now + left then
  return 0
end
redis.call('HSET', KEYS[1], 'code', ARGV[1], 'ends', now + left, 'probe', probe)
redis.call('PEXPIRE', KEYS[1], left + probe)
return 1
