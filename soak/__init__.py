"""The proof that nothing is lost, nothing said twice, nothing out of order: processes die while events travel.

What came is counted at sinks of its own, from the files they keep, never from the gateway's tables.

    make soak EVENTS=10000 KILLS=200 ENGINE=sqlite
"""
