package io.scopegate.gateway.forward;

import java.util.List;
import java.util.function.Consumer;

/** Finds the SRV records of a name without blocking; all calls on the event loop. */
interface SrvResolver {
  /**
   * Finds them.
   *
   * @param name fully qualified
   * @param found gets all of them that name a server; perhaps none
   * @param failed when there are none, or nobody answered
   */
  void resolve(String name, Consumer<List<SrvRecord>> found, Consumer<Throwable> failed);
}
