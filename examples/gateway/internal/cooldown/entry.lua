-- This is before each of the other scripts. KEYS[1]: a hash of code, ends (milliseconds)
-- and probe (milliseconds).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function number(text, most)
  local n = tonumber(text)
  return n and n >= 0 and n <= most and n or nil -- NaN is neither
end

-- entry returns code, ends and probe, or nothing. unreadable is what no gateway writes.
local unreadable = false
local function entry()
  local found = redis.pcall('HMGET', KEYS[1], 'code', 'ends', 'probe')
  if found.err then
    unreadable = true
  elseif found[1] then
    local code, ends, probe = number(found[1], 2 ^ 31 - 1), number(found[2], 2 ^ 53), number(found[3], 2 ^ 52)
    if code and ends and probe then
      return code, ends, probe
    end
    unreadable = true
  end
end
