-- wrk -s replay.lua URL -- FILE KEY KEY: sends the file's lines in turn (path, tab, body of a POST or nothing),
-- the first key for what is read, the second for what is written; prints one JSON line
local made, turn = {}, 0
function init(args)
  local function headers(key)
    return { ["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json", ["Host"] = "127.0.0.1" }
  end
  for line in io.lines(args[1]) do
    local path, body = line:match("^([^\t]*)\t(.*)$")
    made[#made + 1] = body == "" and wrk.format("GET", path, headers(args[2])) or wrk.format("POST", path, headers(args[3]), body)
  end
  turn = math.random(#made)
end
function request()
  turn = turn + 1
  return made[turn % #made + 1]
end
function done(summary, latency)
  io.write(string.format('\n@@{"requests":%d,"seconds":%.6f,"bytes":%d,"p50":%.3f,"p99":%.3f,"bad":%d}\n', summary.requests,
    summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
