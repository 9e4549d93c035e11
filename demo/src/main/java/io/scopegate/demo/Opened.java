package io.scopegate.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What has been opened so far, closed in reverse when the demo ends, however early that is. May be
 * closed from any thread and more than once.
 */
final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> things = new ArrayDeque<>();

  /** Keeps something to be closed later. */
  synchronized <T extends AutoCloseable> T keep(T thing) {
    things.push(thing);
    return thing;
  }

  /** Closes everything, whatever fails on the way; then throws the first failure. */
  @Override
  public synchronized void close() {
    IllegalStateException failure = null;
    while (!things.isEmpty()) {
      try {
        things.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IllegalStateException("could not be closed: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
