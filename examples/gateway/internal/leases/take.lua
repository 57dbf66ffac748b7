-- KEYS[1]: a sorted set of leases, by the time when they end (milliseconds).
-- ARGV: lease, limit, milliseconds. Returns 1 if the lease is taken, else 0.
local limit, lasts = tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- Those of gateways that are gone, and those that no gateway takes for so long.
local ended = redis.pcall('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if type(ended) == 'table' and ended.err then -- another type, which no gateway writes
  redis.call('DEL', KEYS[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. string.format('%d', now + lasts), '+inf')
if redis.call('ZCARD', KEYS[1]) >= limit then
  return 0
end
redis.call('ZADD', KEYS[1], now + lasts, ARGV[1])
redis.call('PEXPIRE', KEYS[1], lasts)
return 1
