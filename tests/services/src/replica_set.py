"""Makes a replica set of the servers on these ports of 127.0.0.1, unless they are one, and waits until it takes writes."""

import sys

import pymongo

name, *ports = sys.argv[1:]
hosts = [f"127.0.0.1:{port}" for port in ports]

# Through any one of them: which one is up first does not matter.
one = pymongo.MongoClient(hosts[0], directConnection=True, serverSelectionTimeoutMS=60_000)
try:
    one.admin.command("replSetGetStatus")
except pymongo.errors.OperationFailure as error:
    if error.code != 94:  # NotYetInitialized
        raise
    others = [pymongo.MongoClient(host, directConnection=True, serverSelectionTimeoutMS=60_000) for host in hosts[1:]]
    for other in others:
        other.admin.command("ping")
    members = [{"_id": at, "host": host} for at, host in enumerate(hosts)]
    # Elections of 10 s would make tests of a lost primary slow.
    settings = {"electionTimeoutMillis": 1000, "heartbeatIntervalMillis": 300}
    one.admin.command("replSetInitiate", {"_id": name, "members": members, "settings": settings})

# Every member is asked: a write is kept by a majority, which a third one may be needed for.
for host in hosts:
    pymongo.MongoClient(host, directConnection=True, serverSelectionTimeoutMS=60_000).admin.command("ping")
all_of_them = pymongo.MongoClient(hosts, replicaSet=name, serverSelectionTimeoutMS=60_000)
probe = all_of_them.admin.get_collection("larder_probe", write_concern=pymongo.WriteConcern("majority", wtimeout=60_000))
probe.update_one({"_id": 1}, {"$inc": {"n": 1}}, upsert=True)
