"""Answers to the exercises of notebook 06; `answering.py` says how they are written."""


# %% 1 wrong: to look outside the lock, to take inside
# says: to see that one is left and to take it must not come apart
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        if self.left > 0:
            time.sleep(0.03)
            with self._lock:
                self.left -= 1
            time.sleep(0.1)
            self.printed.append(customer)


# %% 1 wrong: a lock for each customer
# says: everybody takes another lock
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []

    def sell(self, customer):
        with threading.Lock():
            if self.left == 0:
                return
            time.sleep(0.03)
            self.left -= 1
        time.sleep(0.1)
        self.printed.append(customer)


# %% 1 wrong: two locks, one to look and one to take
# says: to see that one is left and to take it must not come apart
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._look_lock = threading.Lock()
        self._take_lock = threading.Lock()

    def sell(self, customer):
        with self._look_lock:
            found = self.left
        if found > 0:
            time.sleep(0.03)
            with self._take_lock:
                self.left -= 1
            time.sleep(0.1)
            self.printed.append(customer)


# %% 1 wrong: all of it inside the lock
# says: right, but printed one after the other: print outside the lock
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        with self._lock:
            if self.left > 0:
                time.sleep(0.03)
                self.left -= 1
                time.sleep(0.1)
                self.printed.append(customer)


# %% 1 wrong: acquired by hand, and not given back when there is none
# says: it ended with Deadlock
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        self._lock.acquire()
        if self.left == 0:
            return
        time.sleep(0.03)
        self.left -= 1
        self._lock.release()
        time.sleep(0.1)
        self.printed.append(customer)


# %% 1 wrong: counted below zero, for those who get none
# says: 3 are printed, and the count is at -2: who gets none must not count down
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        with self._lock:
            self.left -= 1
            mine = self.left >= 0
        if mine:
            time.sleep(0.03)
            time.sleep(0.1)
            self.printed.append(customer)


# %% 1 wrong: a pause before each in the place of a lock
# says: it went well by luck
# says: interleavings don't return (0, 1); for example
def sell_all(tickets=3, customers=("Ada", "Bert", "Cleo", "Dora", "Emil")):
    office = BoxOffice(tickets)
    threads = [threading.Thread(target=office.sell, args=(name,), name=name) for name in customers]
    for thread in threads:
        thread.start()
        time.sleep(0.06)
    for thread in threads:
        thread.join()
    return office.left, len(office.printed)


# %% 1 wrong: nothing changed but the pause
# says: nobody takes a lock
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []

    def sell(self, customer):
        if self.left > 0:
            time.sleep(0.01)
            self.left -= 1
            time.sleep(0.1)
            self.printed.append(customer)


# %% 1 wrong: released before it is taken
# says: to see that one is left and to take it must not come apart
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        with self._lock:
            if self.left == 0:
                return
        time.sleep(0.03)
        self.left -= 1
        time.sleep(0.1)
        self.printed.append(customer)


# %% 1 wrong: who finds it locked goes away
# says: are left over, with customers waiting
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        if not self._lock.acquire(blocking=False):
            return
        if self.left > 0:
            time.sleep(0.03)
            self.left -= 1
        self._lock.release()
        time.sleep(0.1)
        self.printed.append(customer)


# %% 1 wrong: printed for those who got none
# says: 5 are printed, and 3 sold
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        with self._lock:
            if self.left > 0:
                time.sleep(0.03)
                self.left -= 1
        time.sleep(0.1)
        self.printed.append(customer)


# %% 1 wrong: a lock round the printing alone
# says: to see that one is left and to take it must not come apart
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        if self.left > 0:
            time.sleep(0.03)
            self.left -= 1
            time.sleep(0.1)
            with self._lock:
                self.printed.append(customer)


# %% 1 right: a reservation, paid outside
# says: Proof: sell_all(
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()

    def sell(self, customer):
        with self._lock:
            if self.left == 0:
                return
            self.left -= 1
        time.sleep(0.03)
        time.sleep(0.1)
        self.printed.append(customer)


# %% 1 right: by hand, with finally, and another for what is printed
# says: Proof: sell_all(
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self._lock = threading.Lock()
        self._printed_lock = threading.Lock()

    def sell(self, customer):
        self._lock.acquire()
        try:
            mine = self.left > 0
            if mine:
                time.sleep(0.03)
                self.left -= 1
        finally:
            self._lock.release()
        if mine:
            time.sleep(0.1)
            with self._printed_lock:
                self.printed.append(customer)


# %% 1 right: tickets in a queue, and no lock of one's own
# says: Proof: sell_all(
class BoxOffice:
    def __init__(self, tickets):
        import queue

        self.tickets = queue.Queue()
        for number in range(tickets):
            self.tickets.put(number)
        self.empty = queue.Empty
        self.printed = []

    @property
    def left(self):
        return self.tickets.qsize()

    def sell(self, customer):
        try:
            self.tickets.get_nowait()
        except self.empty:
            return
        time.sleep(0.03)
        time.sleep(0.1)
        self.printed.append(customer)


# %% 1 right: where nothing can be proven
# says: (By its runs alone: of every interleaving of sell_all nothing can be said.)
class BoxOffice:
    def __init__(self, tickets):
        self.left = tickets
        self.printed = []
        self.sold_at = []
        self._lock = threading.Lock()

    def sell(self, customer):
        with self._lock:
            if self.left == 0:
                return
            time.sleep(0.03)
            self.left -= 1
            self.sold_at.append(time.time())
        time.sleep(0.1)
        self.printed.append(customer)


# %% 2 wrong: the auditor's lock alone
# says: clerk 1 fails halfway, and with undoes nothing: let what can fail come first
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        with self._lock:
            self.accounts[source] -= amount
            time.sleep(0.05)
            self.accounts[target] += amount

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 wrong: what can fail comes first, and the auditor takes no lock
# says: hold one lock for all of a move, and let total take the same one
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        with self._lock:
            if target not in self.accounts:
                raise KeyError(target)
            self.accounts[source] -= amount
            time.sleep(0.05)
            self.accounts[target] += amount

    def total(self):
        return sum(self.accounts.values())


# %% 2 wrong: the lock is given back in the middle of a move
# says: hold one lock for all of a move, and let total take the same one
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        if target not in self.accounts:
            raise KeyError(target)
        with self._lock:
            self.accounts[source] -= amount
        time.sleep(0.05)
        with self._lock:
            self.accounts[target] += amount

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 wrong: a lock for the clerks, another for the auditor
# says: hold one lock for all of a move, and let total take the same one
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._clerks_lock = threading.Lock()
        self._auditor_lock = threading.Lock()

    def move(self, amount, source, target):
        with self._clerks_lock:
            if target not in self.accounts:
                raise KeyError(target)
            self.accounts[source] -= amount
            time.sleep(0.05)
            self.accounts[target] += amount

    def total(self):
        with self._auditor_lock:
            return sum(self.accounts.values())


# %% 2 wrong: a lock for each, and no pause that would show it
# slow
# says: all totals right this time, by luck: hold one lock for all of a move
# says: for example, one returns
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._clerks_lock = threading.Lock()
        self._auditor_lock = threading.Lock()

    def move(self, amount, source, target):
        with self._clerks_lock:
            if target not in self.accounts:
                raise KeyError(target)
            time.sleep(0.05)
            self.accounts[source] -= amount
            self.accounts[target] += amount

    def total(self):
        with self._auditor_lock:
            return sum(self.accounts.values())


# %% 2 wrong: a mistake opens an account
# says: a mistake should open no account: Ada, Bert, Adda
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        with self._lock:
            self.accounts[source] -= amount
            time.sleep(0.05)
            self.accounts[target] = self.accounts.get(target, 0) + amount

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 wrong: nobody hears of the mistake
# says: clerk 1 isn't told of the mistake: let the KeyError out
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        with self._lock:
            if target not in self.accounts:
                return
            self.accounts[source] -= amount
            time.sleep(0.05)
            self.accounts[target] += amount

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 wrong: acquired by hand, and not given back on an error
# says: it ended with Deadlock
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        self._lock.acquire()
        self.accounts[target] += 0
        self.accounts[source] -= amount
        time.sleep(0.05)
        self.accounts[target] += amount
        self._lock.release()

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 wrong: a Lock where an RLock is needed
# says: it ended with Deadlock
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        with self._lock:
            if target not in self.accounts:
                raise KeyError(target)
            before = self.total()
            self.accounts[source] -= amount
            time.sleep(0.05)
            self.accounts[target] += amount
            assert self.total() == before

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 wrong: a total that is always right
# says: total should add up the accounts, whatever is in them
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}

    def move(self, amount, source, target):
        self.accounts[source] -= amount
        time.sleep(0.05)
        self.accounts[target] += amount

    def total(self):
        return 100


# %% 2 wrong: no move at all
# says: clerk 0 should move 30 from Ada to Bert
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        with self._lock:
            if target not in self.accounts:
                raise KeyError(target)

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 right: put back what was taken
# slow
# says: Proof: bank_day(): all
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        with self._lock:
            self.accounts[source] -= amount
            time.sleep(0.05)
            try:
                self.accounts[target] += amount
            except KeyError:
                self.accounts[source] += amount
                raise

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 right: an RLock, and a look at the total inside
# slow
# says: Proof: bank_day(): all
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.RLock()

    def move(self, amount, source, target):
        with self._lock:
            if target not in self.accounts:
                raise KeyError(target)
            before = self.total()
            self.accounts[source] -= amount
            time.sleep(0.05)
            self.accounts[target] += amount
            assert self.total() == before

    def total(self):
        with self._lock:
            return sum(self.accounts.values())


# %% 2 right: other accounts in the place of the old ones, in a single write
# slow
# says: (By its runs, and no proof: gave up after
class Bank:
    def __init__(self):
        self.accounts = {"Ada": 50, "Bert": 50}
        self._lock = threading.Lock()

    def move(self, amount, source, target):
        with self._lock:
            accounts = dict(self.accounts)
            accounts[source] -= amount
            time.sleep(0.05)
            accounts[target] += amount
            self.accounts = accounts

    def total(self):
        return sum(self.accounts.values())
