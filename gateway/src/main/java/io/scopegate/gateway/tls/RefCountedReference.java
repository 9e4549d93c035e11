package io.scopegate.gateway.tls;

import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCounted;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What is in use now, of something with memory of its own that is replaced while others use it. The
 * one before is let go of at once, and is gone when its last user is; the last one goes when nobody
 * can reach this any more, for a connection that is about to begin may still hold it. For any
 * thread.
 *
 * @param <T> what is counted
 */
public final class RefCountedReference<T extends ReferenceCounted> {
  private static final Cleaner CLEANER = Cleaner.create();

  private final AtomicReference<T> held;

  /**
   * Begins with one.
   *
   * @param first its one reference belongs to this from now on
   */
  public RefCountedReference(T first) {
    AtomicReference<T> all = new AtomicReference<>(first);
    held = all;
    CLEANER.register(this, () -> all.get().release());
  }

  /** To look at, not to keep. */
  public T look() {
    return held.get();
  }

  /** To use: the caller releases it. */
  public T acquire() {
    try {
      while (true) {
        T now = held.get();
        if (retain(now)) {
          return now;
        }
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** False when it was replaced meanwhile, and nobody else uses it. */
  private static boolean retain(ReferenceCounted it) {
    try {
      it.retain();
      return true;
    } catch (IllegalReferenceCountException gone) {
      return false;
    }
  }

  /**
   * Replaces it.
   *
   * @param next its one reference belongs to this from now on
   */
  public void replaceWith(T next) {
    held.getAndSet(next).release();
  }
}
