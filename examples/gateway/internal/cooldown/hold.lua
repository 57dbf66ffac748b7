-- KEYS[1]: as in take.lua. ARGV: code, milliseconds left, probe.
local left, probe = tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = tonumber(redis.call('HGET', KEYS[1], 'ends') or 0)
if ends > now + left then
  return 0
end
redis.call('HSET', KEYS[1], 'code', ARGV[1], 'ends', now + left, 'probe', probe)
redis.call('PEXPIRE', KEYS[1], left + probe)
return 1
