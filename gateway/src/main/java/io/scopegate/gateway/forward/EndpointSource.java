package io.scopegate.gateway.forward;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the servers of an upstream come from, for one event loop. It is asked while the upstream is
 * used, every {@code lookupInterval}, and after a failed connection; or, if it tells of changes,
 * after each of them. All calls on the event loop, but {@link #known()}.
 */
interface EndpointSource {
  /** All of them, when nobody has to be asked and they never change; else null. */
  @Nullable List<EndpointAddress> known();

  /** Looks them up. */
  void lookUp(Answer answer);

  /**
   * Whether it tells of changes, so that it need not be asked now and then. What it finds is all
   * there is then: who is not among it is gone.
   */
  default boolean tellsOfChanges() {
    return false;
  }

  /** Has each change told, and the state of now; nothing without {@link #tellsOfChanges()}. */
  default void listen(Runnable changed) {}

  /** Gets one of these calls, on the event loop, now or later. */
  interface Answer {
    /** These are there now; never none. */
    void found(List<EndpointAddress> all);

    /** Those that are known are gone, and there are no others. */
    void none(Throwable why);

    /** Nobody could be asked, or that said nothing. Those that are known stay. */
    void failed(Throwable why);
  }
}
