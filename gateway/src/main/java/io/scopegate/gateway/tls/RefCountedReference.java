package io.scopegate.gateway.tls;

import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCounted;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Holds the current instance of something with native memory that is replaced while others use it.
 * The previous instance is released at once and freed with its last user. The last instance is
 * freed when this is unreachable, because a connection that is about to begin may still hold it.
 * For any thread.
 *
 * @param <T> what is counted
 */
public final class RefCountedReference<T extends ReferenceCounted> {
  private static final Cleaner CLEANER = Cleaner.create();

  private final AtomicReference<T> held;

  /**
   * Holds a first instance.
   *
   * @param first its one reference belongs to this from now on
   */
  public RefCountedReference(T first) {
    AtomicReference<T> all = new AtomicReference<>(first);
    held = all;
    CLEANER.register(this, () -> all.get().release());
  }

  /** The current instance, for immediate use only. */
  public T look() {
    return held.get();
  }

  /** The current instance, retained; the caller releases it. */
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
