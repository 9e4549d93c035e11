package io.scopegate.authz.decision;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A queue with one line per sender, served in turn, so that a flood of one sender delays others by
 * one task each. When it is full, the newest task of the sender with the most is dropped. For one
 * thread at a time.
 *
 * @param <T> what waits
 */
final class FairQueue<T> {
  private final Map<Object, ArrayDeque<T>> shares = new LinkedHashMap<>();
  private final int maxOfOne;
  private int size;

  /** With a bound for each sender; the owner bounds the whole by {@link #shed}. */
  FairQueue(int maxOfOne) {
    this.maxOfOne = maxOfOne;
  }

  int size() {
    return size;
  }

  /** Adds one; false when its sender has too many already. */
  boolean offer(Object sender, T task) {
    ArrayDeque<T> share = shares.computeIfAbsent(sender, absent -> new ArrayDeque<>(4));
    if (share.size() >= maxOfOne) {
      return false;
    }
    share.add(task);
    size++;
    return true;
  }

  /** Takes the next of the sender whose turn it is; null when nothing waits. */
  @Nullable T poll() {
    Iterator<Map.Entry<Object, ArrayDeque<T>>> turns = shares.entrySet().iterator();
    if (!turns.hasNext()) {
      return null;
    }
    Map.Entry<Object, ArrayDeque<T>> turn = turns.next();
    turns.remove();
    T task = turn.getValue().poll();
    size--;
    if (!turn.getValue().isEmpty()) {
      shares.put(turn.getKey(), turn.getValue()); // behind the others
    }
    return task;
  }

  /** Takes the newest of the sender that has the most; null when nothing waits. */
  @Nullable T shed() {
    Map.Entry<Object, ArrayDeque<T>> most = null;
    for (Map.Entry<Object, ArrayDeque<T>> one : shares.entrySet()) {
      if (most == null || one.getValue().size() >= most.getValue().size()) {
        most = one;
      }
    }
    if (most == null) {
      return null;
    }
    T task = most.getValue().pollLast();
    size--;
    if (most.getValue().isEmpty()) {
      shares.remove(most.getKey());
    }
    return task;
  }
}
