"""Answers to the exercises of notebook 07; `answering.py` says how they are written."""


# %% 1 wrong: add takes no lock any more
# says: T1 calls add and takes no lock
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.Lock()

    def add(self, amount):
        time.sleep(0.03)
        self.amounts.append(amount)

    def add_all(self, amounts):
        with self._lock:
            for amount in amounts:
                self.add(amount)


# %% 1 wrong: add_all takes no lock any more
# says: add_all gives the lock back between two amounts
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.Lock()

    def add(self, amount):
        with self._lock:
            time.sleep(0.03)
            self.amounts.append(amount)

    def add_all(self, amounts):
        for amount in amounts:
            self.add(amount)


# %% 1 wrong: two locks
# says: a lock keeps out only those who take the same one
class Till:
    def __init__(self):
        self.amounts = []
        self._one = threading.Lock()
        self._all = threading.Lock()

    def add(self, amount):
        with self._one:
            time.sleep(0.03)
            self.amounts.append(amount)

    def add_all(self, amounts):
        with self._all:
            for amount in amounts:
                time.sleep(0.03)
                self.amounts.append(amount)


# %% 1 wrong: a lock of its own for each call
# says: a lock keeps out only those who take the same one
class Till:
    def __init__(self):
        self.amounts = []

    def add(self, amount):
        lock = threading.Lock()
        with lock:
            self.amounts.append(amount)

    def add_all(self, amounts):
        lock = threading.Lock()
        with lock:
            for amount in amounts:
                self.amounts.append(amount)


# %% 1 wrong: an RLock, but not around the loop
# says: add_all gives the lock back between two amounts
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.RLock()

    def add(self, amount):
        with self._lock:
            time.sleep(0.03)
            self.amounts.append(amount)

    def add_all(self, amounts):
        for amount in amounts:
            with self._lock:
                self.add(amount)


# %% 1 wrong: add_all gives the lock back while it calls add
# says: add_all gives the lock back between two amounts
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.Lock()

    def add(self, amount):
        with self._lock:
            self.amounts.append(amount)

    def add_all(self, amounts):
        self._lock.acquire()
        for amount in amounts:
            self._lock.release()
            self.add(amount)
            self._lock.acquire()
        self._lock.release()


# %% 1 wrong: the RLock is never given back
# says: T1 waits for _lock
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.RLock()

    def add(self, amount):
        with self._lock:
            time.sleep(0.03)
            self.amounts.append(amount)

    def add_all(self, amounts):
        self._lock.acquire()
        for amount in amounts:
            self.add(amount)


# %% 1 wrong: the RLock is given back too seldom
# says: T1 waits for _lock
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.RLock()

    def add(self, amount):
        self._lock.acquire()
        time.sleep(0.03)
        self.amounts.append(amount)

    def add_all(self, amounts):
        with self._lock:
            for amount in amounts:
                self.add(amount)


# %% 1 wrong: sleep instead of a lock
# says: T1 calls add and takes no lock
class Till:
    def __init__(self):
        self.amounts = []

    def add(self, amount):
        time.sleep(0.1)
        self.amounts.append(amount)

    def add_all(self, amounts):
        for amount in amounts:
            self.amounts.append(amount)


# %% 1 wrong: no lock if it is held already
# says: went well by luck
class Till:
    def __init__(self):
        self.amounts = []
        self.busy = False
        self._lock = threading.Lock()

    def add(self, amount):
        if self.busy:
            self.amounts.append(amount)
        else:
            with self._lock:
                self.amounts.append(amount)

    def add_all(self, amounts):
        with self._lock:
            self.busy = True
            for amount in amounts:
                self.add(amount)
            self.busy = False


# %% 1 wrong: add gives up
# says: the till should have 1, 2, 3 and 10
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.Lock()

    def add(self, amount):
        if self._lock.acquire(timeout=0.01):
            self.amounts.append(amount)
            self._lock.release()

    def add_all(self, amounts):
        with self._lock:
            for amount in amounts:
                self.add(amount)


# %% 1 right: a method that takes no lock
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.Lock()

    def _add(self, amount):
        time.sleep(0.03)
        self.amounts.append(amount)

    def add(self, amount):
        with self._lock:
            self._add(amount)

    def add_all(self, amounts):
        with self._lock:
            for amount in amounts:
                self._add(amount)


# %% 1 right: add is add_all with one
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.Lock()

    def add(self, amount):
        self.add_all([amount])

    def add_all(self, amounts):
        with self._lock:
            for amount in amounts:
                time.sleep(0.03)
                self.amounts.append(amount)


# %% 1 right: all at once
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.Lock()

    def add(self, amount):
        with self._lock:
            self.amounts.append(amount)

    def add_all(self, amounts):
        with self._lock:
            self.amounts.extend(amounts)


# %% 1 right: acquire and release an RLock
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.RLock()

    def add(self, amount):
        self._lock.acquire()
        try:
            self.amounts.append(amount)
        finally:
            self._lock.release()

    def add_all(self, amounts):
        self._lock.acquire()
        try:
            for amount in amounts:
                self.add(amount)
        finally:
            self._lock.release()


# %% 1 right: what nobody can follow
# says: By its runs alone
class Till:
    def __init__(self):
        self.amounts = []
        self._lock = threading.RLock()

    def add(self, amount):
        with self._lock:
            if time.monotonic():
                self.amounts.append(amount)

    def add_all(self, amounts):
        with self._lock:
            for amount in amounts:
                self.add(amount)


# %% 2 wrong: each takes the target first
# says: a to b and b to a can go wrong
# says: ends in Deadlock
def move(stocks, locks, source, target, amount):
    with locks[target]:
        with locks[source]:
            stocks[source] -= amount
            stocks[target] += amount


# %% 2 wrong: both in one with
# says: ends in Deadlock
def move(stocks, locks, source, target, amount):
    with locks[source], locks[target]:
        stocks[source] -= amount
        stocks[target] += amount


# %% 2 wrong: no pause between the two
# says: a to b and b to a can go wrong
def move(stocks, locks, source, target, amount):
    locks[source].acquire()
    locks[target].acquire()
    stocks[source] -= amount
    stocks[target] += amount
    locks[target].release()
    locks[source].release()


# %% 2 wrong: no lock at all
# says: a to b and b to a can go wrong
def move(stocks, locks, source, target, amount):
    stocks[source] -= amount
    stocks[target] += amount


# %% 2 wrong: one lock after the other
# says: take the second lock while you hold the first
def move(stocks, locks, source, target, amount):
    with locks[source]:
        stocks[source] -= amount
    with locks[target]:
        stocks[target] += amount


# %% 2 wrong: the stocks are changed when the locks are given back
# says: can go wrong
def move(stocks, locks, source, target, amount):
    if source == target:
        return
    first, second = sorted((source, target))
    with locks[first]:
        with locks[second]:
            time.sleep(0.01)
    stocks[source] -= amount
    stocks[target] += amount


# %% 2 wrong: in order, but to itself
# says: c to c can go wrong
def move(stocks, locks, source, target, amount):
    first, second = sorted((source, target))
    with locks[first]:
        with locks[second]:
            stocks[source] -= amount
            stocks[target] += amount


# %% 2 wrong: one lock for all four
# says: have no store in common, and each takes a_lock and b_lock
def move(stocks, locks, source, target, amount):
    if source == target:
        return
    with locks["a"]:
        with locks["b"]:
            stocks[source] -= amount
            stocks[target] += amount


# %% 2 wrong: a lock before the two
# says: have no store in common, and each takes
def move(stocks, locks, source, target, amount):
    if source == target:
        return
    gate = locks.setdefault("gate", threading.Lock())
    with gate:
        with locks[source]:
            with locks[target]:
                stocks[source] -= amount
                stocks[target] += amount


# %% 2 wrong: locks of its own
# says: can go wrong
def move(stocks, locks, source, target, amount):
    first, second = threading.Lock(), threading.Lock()
    with first:
        with second:
            stocks[source] -= amount
            stocks[target] += amount


# %% 2 wrong: ordered by what is in the stores, which changes
# says: a to b and b to a can go wrong
# says: ends in Deadlock
def move(stocks, locks, source, target, amount):
    if source == target:
        return
    first, second = (source, target) if stocks[source] >= stocks[target] else (target, source)
    with locks[first]:
        with locks[second]:
            stocks[source] -= amount
            stocks[target] += amount


# %% 2 wrong: the second is never given back
# says: can go wrong
def move(stocks, locks, source, target, amount):
    if source == target:
        return
    first, second = sorted((source, target))
    with locks[first]:
        locks[second].acquire()
        stocks[source] -= amount
        stocks[target] += amount


# %% 2 wrong: gives back and tries for ever
# says: that is a livelock
# slow
def move(stocks, locks, source, target, amount):
    while True:
        with locks[source]:
            if locks[target].acquire(timeout=0.01):
                stocks[source] -= amount
                stocks[target] += amount
                locks[target].release()
                return
        time.sleep(0.01)


# %% 2 wrong: gives back and rests by chance
# says: a to b and b to a: one may try again for ever, that is a livelock
import random


def move(stocks, locks, source, target, amount):
    if source == target:
        return
    while True:
        with locks[source]:
            if locks[target].acquire(timeout=0.01):
                stocks[source] -= amount
                stocks[target] += amount
                locks[target].release()
                return
        time.sleep(random.uniform(0.01, 0.03))


# %% 2 wrong: gives back and tries for a minute
# says: a to b and b to c and c to a went well by luck: there is no order that all keep to
def move(stocks, locks, source, target, amount):
    if source == target:
        return
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with locks[source]:
            if locks[target].acquire(timeout=0.05 * amount):
                stocks[source] -= amount
                stocks[target] += amount
                locks[target].release()
                return


# %% 2 wrong: in order, but to itself it tries for a minute
# says: c to c: T0 goes on for ever: a livelock
# slow
def move(stocks, locks, source, target, amount):
    deadline = time.monotonic() + 60
    first, second = sorted((source, target))
    while time.monotonic() < deadline:
        with locks[first]:
            if locks[second].acquire(timeout=0.1):
                stocks[source] -= amount
                stocks[target] += amount
                locks[second].release()
                return


# %% 2 wrong: gives up
# says: can go wrong
def move(stocks, locks, source, target, amount):
    with locks[source]:
        if locks[target].acquire(timeout=0.5):
            stocks[source] -= amount
            stocks[target] += amount
            locks[target].release()


# %% 2 wrong: nothing moves
# says: can go wrong
def move(stocks, locks, source, target, amount):
    return


# %% 2 right: the smaller name first
# slow
def move(stocks, locks, source, target, amount):
    if source != target:
        with locks[min(source, target)], locks[max(source, target)]:
            stocks[source] -= amount
            stocks[target] += amount


# %% 2 right: the last first
# slow
def move(stocks, locks, source, target, amount):
    first, second = (source, target) if source > target else (target, source)
    with locks[first]:
        if first == second:
            return
        with locks[second]:
            stocks[source] -= amount
            stocks[target] += amount


# %% 2 right: by where they stand
# slow
def move(stocks, locks, source, target, amount):
    if source == target:
        return
    names = list(locks)
    if names.index(source) < names.index(target):
        first, second = locks[source], locks[target]
    else:
        first, second = locks[target], locks[source]
    with first, second:
        stocks[source] -= amount
        stocks[target] += amount


# %% 2 right: by id
# says: By its runs alone
def move(stocks, locks, source, target, amount):
    if source == target:
        return
    first, second = sorted((locks[source], locks[target]), key=id)
    with first:
        with second:
            stocks[source] -= amount
            stocks[target] += amount
