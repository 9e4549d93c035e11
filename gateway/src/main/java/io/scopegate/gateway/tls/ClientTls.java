package io.scopegate.gateway.tls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards a server that the gateway calls. Each kind of server has a record of its own, since
 * not each has all keys; what holds for all of them is here.
 */
public interface ClientTls {
  /** What the server's certificate is checked with; null for the system's. */
  @Nullable Path caFile();

  /** Our own certificate chain; null for none. */
  @Nullable Path certificateFile();

  /** The key of our own certificate. */
  @Nullable Path keyFile();

  /** The name that is asked for and checked; null for the URL's host. */
  @Nullable String serverName();

  /** Whether the server's certificate is not checked at all. */
  boolean insecureSkipVerify();

  /** Whether it says anything that matters with TLS only. */
  default boolean isGiven() {
    return !files().isEmpty() || serverName() != null || insecureSkipVerify();
  }

  /** The files that are followed. */
  default List<Path> files() {
    List<Path> all = new ArrayList<>();
    for (Path path : new Path[] {caFile(), certificateFile(), keyFile()}) {
      if (path != null) {
        all.add(path);
      }
    }
    return all;
  }
}
