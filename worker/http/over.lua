-- A call is over: its place is free, it counts in every window from now, and what its answer said is kept.
--
-- KEYS: over, places, left (see turn.lua)
-- ARGV: token, 1 when the call was made or may have been, lease_ms, calls left and ms until the API's own reset
--       (-1: not said), then calls, window_ms and calls left (-1: not said) of each window
local over, places, left = unpack(KEYS)
local token, made, lease = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3])
local told, reset = tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local leased = redis.call('ZSCORE', places, token)
local began = leased and tonumber(leased) - lease or now
redis.call('ZREM', places, token)
local others = redis.call('ZCARD', places)
local function count() redis.call('LPUSH', over, string.format('%.0f', now)) end
if made and #ARGV > 5 then count() end

local kept, longest = 0, 0
for i = 6, #ARGV, 3 do
  local calls, window, said = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  kept, longest = math.max(kept, calls), math.max(longest, window)
  -- The API has counted calls that we have not, so they count as made now. It counted those of the window before its
  -- answer, which is later than `began`: a call of ours that has left the window since is not missed here.
  local oldest = said >= 0 and calls - said - others - 1 or -1
  while oldest >= 0 do
    local at = redis.call('LINDEX', over, oldest)
    if at and tonumber(at) > began - window then break end
    count()
  end
end
if kept > 0 then
  redis.call('LTRIM', over, 0, kept - 1)
  redis.call('PEXPIRE', over, longest + lease)  -- a call that began in the window may end as late as this
end

-- An answer that was overtaken says more than is left; the fewest hold until their reset.
local known = tonumber(redis.call('GET', left))
if told >= 0 and reset > 0 and (not known or told < known) then redis.call('SET', left, told, 'PX', reset) end
