"""Answers to the exercises of notebook 08; `answering.py` says how they are written."""


# %% 1 wrong: one sentinel, joined by patience
# says: 3 consumers, sentinels put: 1. One waits in get for ever
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    pipeline.put(SENTINEL)
    for thread in threads:
        thread.join(timeout=0.3)
    return stored


# %% 1 wrong: one sentinel too few
# says: 3 consumers, sentinels put: 2.
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in threads[1:]:
        pipeline.put(SENTINEL)
    for thread in threads:
        thread.join()
    return stored


# %% 1 wrong: three sentinels, however many consumers
# says: 4 consumers, sentinels put: 3.
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in range(3):
        pipeline.put(SENTINEL)
    for thread in threads:
        thread.join()
    return stored


# %% 1 wrong: the sentinels first
# says: not stored and returned: sentinels come last
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for _ in threads:
        pipeline.put(SENTINEL)
    for message in messages:
        pipeline.put(message)
    for thread in threads:
        thread.join()
    return stored


# %% 1 wrong: a sentinel after each message
# says: not stored and returned
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
        pipeline.put(SENTINEL)
    for thread in threads:
        thread.join()
    return stored


# %% 1 wrong: daemons
# says: didn't finish: send it a sentinel
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}", daemon=True)
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    pipeline.put(SENTINEL)
    time.sleep(0.2)
    return stored


# %% 1 wrong: a sentinel, then a join
# says: Not yet
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for thread in threads:
        pipeline.put(SENTINEL)
        thread.join()
    return stored


# %% 1 wrong: the last isn't joined
# says: consumers
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in threads:
        pipeline.put(SENTINEL)
    for thread in threads[:-1]:
        thread.join()
    return stored


# %% 1 wrong: joined by the queue, where nobody says task_done
# says: it raised Deadlock
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in threads:
        pipeline.put(SENTINEL)
    pipeline.join()
    return stored


# %% 1 wrong: returns nothing
# says: not stored and returned
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in threads:
        pipeline.put(SENTINEL)
    for thread in threads:
        thread.join()


# %% 1 wrong: None for a sentinel
# says: One waits in get for ever
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in threads:
        pipeline.put(None)
    for thread in threads:
        thread.join()
    return stored


# %% 1 wrong: the messages twice
# says: a message was stored twice
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for message in messages:
        pipeline.put(message)
    for _ in threads:
        pipeline.put(SENTINEL)
    for thread in threads:
        thread.join()
    return stored


# %% 1 wrong: one consumer does it all
# says: there should be 3 consumers, not 1
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(1):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in threads:
        pipeline.put(SENTINEL)
    for thread in threads:
        thread.join()
    return stored


# %% 1 wrong: consumers one after the other
# says: C1 stored nothing: are all consumers there from the start?
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored = []
    for message in [*messages, *[SENTINEL] * workers]:
        pipeline.put(message)
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        thread.start()
        thread.join()
    return stored


# %% 1 wrong: main goes round for ever
# says: it had not come to an end after 10 s, and was stopped in line
# slow
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in threads:
        pipeline.put(SENTINEL)
    while True:
        pass


# %% 1 wrong: main asks again and again for one message more than there are
# says: it had not come to an end after 10 s, and was stopped in line
# slow
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in threads:
        pipeline.put(SENTINEL)
    while len(stored) <= len(messages):
        time.sleep(0.01)
    return stored


# %% 1 right: one list of all that is put
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for item in [*messages, *[SENTINEL] * workers]:
        pipeline.put(item)
    for thread in threads:
        thread.join()
    return stored


# %% 1 right: a bounded queue, and a count
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=2)
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    for _ in range(workers):
        pipeline.put(SENTINEL)
    for thread in threads:
        thread.join()
    return stored


# %% 1 right: main puts and joins while it counts
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    left = workers
    while left:
        pipeline.put(SENTINEL)
        left -= 1
    threads[0].join()
    for thread in reversed(threads):
        thread.join()
    return stored


# %% 1 right: a pool
# slow
from concurrent.futures import ThreadPoolExecutor


def share_out(workers=3, messages=MESSAGES):
    pipeline, stored = queue.Queue(), []
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="C") as executor:
        for _ in range(workers):
            executor.submit(consumer, pipeline, stored, 0.01, 0.02)
        for message in messages:
            pipeline.put(message)
        for _ in range(workers):
            pipeline.put(SENTINEL)
    return stored


# %% 1 right: asks for those who live
# says: By its runs alone
def share_out(workers=3, messages=MESSAGES):
    pipeline = queue.Queue()
    stored, threads = [], []
    for index in range(workers):
        args = (pipeline, stored, 0.01, 0.02)
        thread = threading.Thread(target=consumer, args=args, name=f"C{index}")
        threads.append(thread)
        thread.start()
    for message in messages:
        pipeline.put(message)
    deadline = time.monotonic() + 60
    for _ in threads:
        pipeline.put(SENTINEL)
    while any(thread.is_alive() for thread in threads):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    return stored


# %% 2 wrong: both are told at once
# says: find out when the consumer may go
# says: for example, one returns
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    done.set()
    listener.join()
    writer.join()
    return stored + coming


# %% 2 wrong: the consumer is never told
# says: one of them never ends
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    writer.join()
    return stored + coming


# %% 2 wrong: the producer is never told
# says: one of them never ends
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    listener.join()
    done.set()
    writer.join()
    return stored + coming


# %% 2 wrong: asks the event alone
# says: find out when the consumer may go
# says: for example, one returns
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    done.set()
    writer.join()
    return stored + coming


# %% 2 wrong: asks in the wrong order
# says: find out when the consumer may go
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (stop, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_empty_and_done, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    done.set()
    writer.join()
    return stored + coming


# %% 2 wrong: a get without a timeout
# says: find out when the consumer may go
# says: one ends in Deadlock
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, None)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    done.set()
    writer.join()
    return stored + coming


# %% 2 wrong: a while longer, whatever pause is
# says: find out when the consumer may go
# says: pause=0.5
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    time.sleep(0.3)
    done.set()
    listener.join()
    writer.join()
    return stored + coming


# %% 2 wrong: a pause longer
# says: find out when the consumer may go
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    time.sleep(pause)
    done.set()
    listener.join()
    writer.join()
    return stored + coming


# %% 2 wrong: two pauses longer
# says: don't guess how long a pause is
# slow
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    time.sleep(2 * pause)
    done.set()
    listener.join()
    writer.join()
    return stored + coming


# %% 2 wrong: the sentinel before the last message
# says: find out when the consumer may go
# says: for example, one returns
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=consumer, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    pipeline.put(SENTINEL)
    listener.join()
    writer.join()
    return stored + coming


# %% 2 wrong: a sentinel for a consumer that knows none
# says: something else is stored
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    pipeline.put(SENTINEL)
    done.set()
    writer.join()
    return stored + coming


# %% 2 wrong: no sentinel for one that waits for it
# says: one ends in Deadlock
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=consumer, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    writer.join()
    return stored + coming


# %% 2 wrong: main joins nobody
# says: main returns before both have ended
# slow
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    done.set()
    return stored + coming


# %% 2 wrong: the consumer is a daemon
# says: find out when the consumer may go
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer", daemon=True)
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    done.set()
    return stored + coming


# %% 2 wrong: the consumer starts when all is over
# says: start the consumer early
# slow
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    done.set()
    writer.start()
    writer.join()
    return stored + coming


# %% 2 wrong: returns what it was given
# says: find out when the consumer may go
# slow
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (stop, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    done.set()
    writer.join()
    return list(messages)


# %% 2 wrong: main goes round for ever
# says: it had not come to an end after 10 s, and was stopped
# slow
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    done.set()
    writer.join()
    while stored + coming:
        pass


# %% 2 right: a sentinel
# slow
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=consumer, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    pipeline.put(SENTINEL)
    writer.join()
    return stored + coming


# %% 2 right: the producer says so itself
# slow
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)

    def listen_and_say_so():
        listen(*source)
        done.set()

    listener = threading.Thread(target=listen_and_say_so, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    writer.join()
    return stored + coming


# %% 2 right: the consumer asks whether the producer lives
# slow
def while_it_lives(listener, pipeline, stored):
    while listener.is_alive() or not pipeline.empty():
        store_next(pipeline, stored, 0.01, 0.02)


def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=while_it_lives, args=(listener, pipeline, stored), name="consumer")
    listener.start()
    writer.start()
    time.sleep(seconds)
    stop.set()
    listener.join()
    writer.join()
    return stored + coming


# %% 2 right: what nobody can follow
# says: By its runs alone
# slow
def stop_listening(seconds=0.18, pause=0.12, messages=MESSAGES):
    pipeline = queue.Queue(maxsize=10)
    stop = threading.Event()
    done = threading.Event()
    stored, coming = [], list(messages)
    source = (pipeline, stop, pause, coming)
    target = (done, pipeline, stored, 0.01, 0.02)
    listener = threading.Thread(target=listen, args=source, name="producer")
    writer = threading.Thread(target=until_done_and_empty, args=target, name="consumer")
    listener.start()
    writer.start()
    until = time.monotonic() + seconds
    time.sleep(until - time.monotonic())
    stop.set()
    listener.join()
    done.set()
    writer.join()
    return stored + coming
