-- A place and a slot in one step, or neither. See budget.py for the rules.
--
-- KEYS: over     list, newest first: when the last calls were over (ms)
--       places   sorted set, token -> when its lease ends: the calls under way
--       queue    sorted set, token -> when it came: those waiting for a place
--       seen     sorted set, token -> until when it counts as still waiting
--       blocked  exists while the API wants no calls at all
--       left     how many calls the API has said are left; lives until the API's own reset
-- ARGV: token, at_once, max_wait_ms, lease_ms, patience_ms, then calls and window_ms of each window
-- Answers {0, ms until the slot}: granted; {1, ms until the slot}: too far, nothing reserved;
--         {2, number of calls ahead}: no place is free, ask again.
local over, places, queue, seen, blocked, left = unpack(KEYS)
local token = ARGV[1]
local at_once, max_wait, lease, patience =
  tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- The server's clock: the clients' clocks may differ.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- A call whose maker died may have been counted by the API as late as its lease ended.
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', places, '-inf', now)) do
  redis.call('ZREM', places, dead)
  if #ARGV > 5 then redis.call('LPUSH', over, string.format('%.0f', now)) end
end
local has_place = redis.call('ZSCORE', places, token)  -- it asks anew because of a block
local others = redis.call('ZCARD', places) - (has_place and 1 or 0)
local most = at_once > 0 and at_once or math.huge

local pause = redis.call('PTTL', blocked)  -- negative when there is no block
local told = tonumber(redis.call('GET', left))
if told and told > 0 then most = math.min(most, told) end
if told == 0 then pause = math.max(pause, redis.call('PTTL', left)) end
local slot = now
if pause >= 0 then slot = now + pause + 1 end  -- it still exists in its last millisecond

local longest = 0
for i = 6, #ARGV, 2 do
  local calls, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  most, longest = math.min(most, calls), math.max(longest, window)
  local before = calls - 1 - others  -- those under way take part in every window to come
  local last = before >= 0 and redis.call('LINDEX', over, before)
  if last then slot = math.max(slot, tonumber(last) + window) end
end
if slot - now > max_wait then return {1, slot - now} end

if not has_place then
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now)) do
    redis.call('ZREM', queue, gone)
    redis.call('ZREM', seen, gone)
  end
  redis.call('ZADD', queue, 'NX', now, token)
  redis.call('ZADD', seen, now + patience, token)
  redis.call('PEXPIRE', queue, patience)
  redis.call('PEXPIRE', seen, patience)
  local ahead = redis.call('ZRANK', queue, token) - (most - others)
  if ahead >= 0 then return {2, ahead + 1} end
  redis.call('ZREM', queue, token)
  redis.call('ZREM', seen, token)
end
redis.call('ZADD', places, slot + lease, token)
redis.call('PEXPIRE', places, max_wait + lease + longest)
return {0, slot - now}
