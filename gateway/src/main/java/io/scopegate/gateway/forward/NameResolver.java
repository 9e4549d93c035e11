package io.scopegate.gateway.forward;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;

/** Finds all addresses of a name without blocking; all calls on the event loop. */
interface NameResolver {
  /**
   * Finds them.
   *
   * @param found gets all of them, in any order; never none
   * @param failed when there are none, or nobody answered
   */
  void resolve(String host, Consumer<List<InetAddress>> found, Consumer<Throwable> failed);
}
