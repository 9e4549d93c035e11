package io.scopegate.e2e;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for another process, which tells nobody when it is ready: asks again and again. */
public final class Until {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private Until() {}

  /**
   * Waits until a question is answered with yes; an exception counts as no.
   *
   * @param what what is waited for, for the message
   * @throws AssertionError when it takes longer than that
   */
  public static void holds(String what, Duration atMost, Callable<Boolean> question) {
    long end = System.nanoTime() + atMost.toNanos();
    Exception last = null;
    while (System.nanoTime() - end < 0) {
      try {
        if (question.call()) {
          return;
        }
        last = null;
      } catch (Exception e) {
        last = e;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new AssertionError("not within " + atMost + ": " + what, last);
  }

  /** Lets real time pass, where its passing is what the test is about. */
  public static void passed(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }
}
