#!/bin/sh
# The first program of a node: makes the container fit for an engine, then becomes the engine.
set -e

# A node that was killed leaves the process numbers of its daemons; others may have them now.
rm -rf /run/docker.pid /run/docker /run/docker.sock /run/containerd

# An engine inside hands mounts on to its containers.
mount --make-rshared /

# cgroup v2: no process may stay in a group whose children get limits (kernel: cgroup-v2, "no
# internal process constraint").
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mkdir -p /sys/fs/cgroup/init
    tries=0
    until
        xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || :
        sed -e 's/ / +/g' -e 's/^/+/' </sys/fs/cgroup/cgroup.controllers \
            2>/dev/null >/sys/fs/cgroup/cgroup.subtree_control
    do
        tries=$((tries + 1))
        [ $tries -lt 50 ] || break
        usleep 20000
    done
fi

exec "$@"
