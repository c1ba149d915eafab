-- A place and a slot in one step, or neither. See budget.py for the rules.
--
-- KEYS: slots    list, newest first: when the last calls may go or went (ms)
--       places   sorted set, token -> when its lease ends: the calls under way
--       queue    sorted set, token -> when it came: those waiting for a place
--       seen     sorted set, token -> until when it counts as still waiting
--       blocked  exists while the API wants no calls at all
-- ARGV: token, at_once, max_wait_ms, lease_ms, patience_ms, then calls and window_ms of each window
-- Answers {0, ms until the slot}: granted; {1, ms until the slot}: too far, nothing reserved;
--         {2, number of calls ahead}: no place is free, ask again.
local slots, places, queue, seen, blocked = unpack(KEYS)
local token = ARGV[1]
local at_once, max_wait, lease, patience =
  tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- The server's clock: the clients' clocks may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local slot = now
local pause = redis.call('PTTL', blocked)  -- negative when there is no block
if pause >= 0 then slot = now + pause + 1 end  -- it still exists in its last millisecond
local kept, longest = 0, 0
for i = 6, #ARGV, 2 do
  local calls, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local nth = redis.call('LINDEX', slots, calls - 1)
  if nth then slot = math.max(slot, tonumber(nth) + window) end
  kept, longest = math.max(kept, calls), math.max(longest, window)
end
if slot - now > max_wait then return {1, slot - now} end

if at_once > 0 and not redis.call('ZSCORE', places, token) then
  redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now)) do
    redis.call('ZREM', queue, gone)
    redis.call('ZREM', seen, gone)
  end
  redis.call('ZADD', queue, 'NX', now, token)
  redis.call('ZADD', seen, now + patience, token)
  redis.call('PEXPIRE', queue, patience)
  redis.call('PEXPIRE', seen, patience)
  local ahead = redis.call('ZRANK', queue, token) - (at_once - redis.call('ZCARD', places))
  if ahead >= 0 then return {2, ahead + 1} end
  redis.call('ZREM', queue, token)
  redis.call('ZREM', seen, token)
end
if at_once > 0 then
  redis.call('ZADD', places, slot + lease, token)
  redis.call('PEXPIRE', places, max_wait + lease)
end

if kept > 0 then
  redis.call('LPUSH', slots, string.format('%.0f', slot))
  redis.call('LTRIM', slots, 0, kept - 1)
  redis.call('PEXPIRE', slots, slot - now + longest)
end
return {0, slot - now}
