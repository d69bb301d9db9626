"""Answers to the exercises of notebook 05; `answering.py` says how they are written."""

# %% 1 wrong: nothing is lost
# says: nothing is lost
order = "T0 T0 T1 T1 T2 T2"

# %% 1 wrong: that of T0 is lost
# says: that of T0 is lost
order = "T0 T1 T0 T1 T2 T2"

# %% 1 wrong: that of T2 is lost
# says: that of T2 is lost
order = "T0 T0 T1 T2 T2 T1"

# %% 1 wrong: a list of names
# says: order is one string
order = ["T1", "T0", "T1", "T0", "T2", "T2"]

# %% 1 wrong: commas between the names
# says: with nothing but spaces between
order = "T1, T0, T1, T0, T2, T2"

# %% 1 wrong: two threads only
# says: T0, T1 and T2, each twice
order = "T1 T0 T1 T0"

# %% 1 wrong: only one counts
# says: are lost: one has to read a 1
order = "T0 T1 T2 T1 T0 T2"

# %% 1 right: T2 overwrites T1
# says: the only interleaving returns 2
order = "T0 T0 T1 T2 T1 T2"

# %% 1 right: T0 is within T2
# says: the only interleaving returns 2
order = "T1 T2 T1 T2 T0 T0"

# %% 1 right: T0 reads first
# says: the only interleaving returns 2
order = "T0 T1 T1 T0 T2 T2"


# %% 2 wrong: a lock around what adds
# says: right this time, but the clerks share the total
def shop_well(names=("bread", "milk", "tea")):
    basket, lock = Basket(), threading.Lock()

    def add(name):
        price = ask_price(name)
        with lock:
            basket.total += price

    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        for name in names:
            executor.submit(add, name)
    return basket.total


# %% 2 wrong: the call in a line of its own
# says: right this time, but the clerks share the total
def shop_well(names=("bread", "milk", "tea")):
    return shop_narrow(names)


# %% 2 wrong: one worker
# says: have three workers
def shop_well(names=("bread", "milk", "tea")):
    basket = Basket()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="clerk") as executor:
        for name in names:
            executor.submit(basket.add, name)
    return basket.total


# %% 2 wrong: one result before the next is submitted
# says: one asks after the other
def shop_well(names=("bread", "milk", "tea")):
    total = 0
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        for name in names:
            total += executor.submit(ask_price, name).result()
    return total


# %% 2 wrong: no threads
# says: submit a task for each of three names
def shop_well(names=("bread", "milk", "tea")):
    return sum(ask_price(name) for name in names)


# %% 2 wrong: the futures are never asked
# says: return the sum, a number, not a list
def shop_well(names=("bread", "milk", "tea")):
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        return [executor.submit(ask_price, name) for name in names]


# %% 2 wrong: the prices, not added up
# says: return the sum, a number, not a list
def shop_well(names=("bread", "milk", "tea")):
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        return list(executor.map(ask_price, names))


# %% 2 wrong: a total of its own, and a pause before each
# slow
# says: right this time, by luck
# says: interleavings don't return 10; for example, one returns
def shop_well(names=("bread", "milk", "tea")):
    total = 0

    def add(name, pause):
        nonlocal total
        price = ask_price(name)
        time.sleep(pause)
        total += price

    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        for index, name in enumerate(names):
            executor.submit(add, name, 0.01 * index)
    return total


# %% 2 wrong: by luck, where nothing can be proven
# says: right this time, by luck
def shop_well(names=("bread", "milk", "tea")):
    total = 0

    def add(name):
        nonlocal total
        price = ask_price(name)
        total += price

    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        began = time.monotonic()
        for name in names:
            executor.submit(add, name)
    return total if time.monotonic() > began else 0


# %% 2 wrong: a task that fails, and hides it
# says: a task failed: NameError
def shop_well(names=("bread", "milk", "tea")):
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        futures = [executor.submit(lambda name: ask_prize(name), name) for name in names]
    return sum(future.result() for future in futures if not future.exception())


# %% 2 wrong: the prices of the first call, for whatever is bought
# says: tea, tea, milk cost 13, and it returns 10
def shop_well(names=("bread", "milk", "tea")):
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        return sum(executor.map(ask_price, ("bread", "milk", "tea")))


# %% 2 right: submit, and a result after the other
# says: Proof: shop_well(): the only interleaving returns 10.
def shop_well(names=("bread", "milk", "tea")):
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        futures = [executor.submit(ask_price, name) for name in names]
    return sum(future.result() for future in futures)


# %% 2 right: a basket for each clerk
def shop_well(names=("bread", "milk", "tea")):
    baskets = [Basket() for _ in names]
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        futures = [executor.submit(basket.add, name) for basket, name in zip(baskets, names, strict=True)]
    for future in futures:
        future.result()
    return sum(basket.total for basket in baskets)


# %% 2 right: main puts the prices into the basket
# slow
def shop_well(names=("bread", "milk", "tea")):
    basket = Basket()
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        for price in executor.map(ask_price, names):
            basket.total += price
    return basket.total


# %% 2 right: whoever is done first is added first
# says: Proof: shop_well(): all
def shop_well(names=("bread", "milk", "tea")):
    from concurrent.futures import as_completed

    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        futures = [executor.submit(ask_price, name) for name in names]
        return sum(future.result() for future in as_completed(futures))


# %% 2 right: what each has found out in a list
# slow
# says: Proof: shop_well(): all
def shop_well(names=("bread", "milk", "tea")):
    found = []

    def note(name):
        found.append(ask_price(name))

    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="clerk") as executor:
        for name in names:
            executor.submit(note, name)
    return sum(found)
