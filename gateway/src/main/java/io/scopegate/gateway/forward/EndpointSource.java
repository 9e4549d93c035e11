package io.scopegate.gateway.forward;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the servers of an upstream come from, for one event loop. It is asked while the upstream is
 * used, every {@code lookupInterval}, and after a failed connection; it does nothing on its own.
 * All calls on the event loop.
 */
interface EndpointSource {
  /** All of them, when nobody has to be asked and they never change; else null. */
  @Nullable List<EndpointAddress> known();

  /**
   * Looks them up. Calls one of the two, on the event loop, now or later.
   *
   * @param found gets all there are now; never none
   * @param failed when nobody could be asked, or there is none
   */
  void lookUp(Consumer<List<EndpointAddress>> found, Consumer<Throwable> failed);
}
