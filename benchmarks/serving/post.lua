-- wrk posts the file args[1], at args[2] requests a second over all connections where that is given, and tells what came of it.
local ffi = require("ffi")
ffi.cdef [[ typedef struct { long seconds; long nanoseconds; } moment; int clock_gettime(int clock, moment *now); ]]
local moment = ffi.new("moment")

local function now_ms()
    ffi.C.clock_gettime(1, moment)
    return tonumber(moment.seconds) * 1e3 + tonumber(moment.nanoseconds) / 1e6
end

function init(args)
    local file = assert(io.open(args[1], "rb"))
    wrk.method, wrk.body, wrk.headers["Content-Type"] = "POST", file:read("*a"), "application/json"
    file:close()
    if not args[2] then return end
    local every_ms, due = 1e3 / tonumber(args[2]), now_ms()
    -- The next free place in the schedule; what is late is caught up with within a second.
    function delay()
        local now = now_ms()
        due = math.max(due + every_ms, now - 1e3)
        return math.max(0, due - now)
    end
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format("TOLD %d %.6f %.6f %.6f %d\n", summary.requests, summary.duration / 1e6,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
