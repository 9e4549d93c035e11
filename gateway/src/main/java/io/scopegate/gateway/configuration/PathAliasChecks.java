package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Protocol;
import java.util.Set;

/** Checks of {@code listeners.NAME.pathAliases}. */
final class PathAliasChecks {
  private final KeyPath path;
  private final Loaded<?> loaded;
  private final EndpointTable table;
  private final Set<String> served;

  private PathAliasChecks(KeyPath path, EndpointTable table, Loaded<?> loaded) {
    this.path = path;
    this.loaded = loaded;
    this.table = table;
    this.served = table.exactPaths();
  }

  static void check(KeyPath path, ListenerConfig listener, String tenantHeader, Loaded<?> loaded) {
    boolean patterns = !listener.allowPaths().isEmpty() || !listener.ignorePaths().isEmpty();
    if (listener.pathAliases().isEmpty() || patterns && !listener.serves(Protocol.PROXY)) {
      return; // patterns are a problem of their own there
    }
    EndpointTable table = listener.withoutAliases(tenantHeader);
    if (listener.serves(Protocol.PROXY) || table.exactPaths().isEmpty()) {
      loaded.problem(path, "", "the listener serves no endpoint with an exact path", "{}");
      return;
    }
    listener.pathAliases().forEach(new PathAliasChecks(path, table, loaded)::check);
  }

  private void check(String alias, String known) {
    KeyPath at = path.key(alias);
    if (!EndpointTable.isPlainPath(alias)) {
      loaded.problem(at, alias, "is not a plain path", "a path such as /otlp/v1/traces");
    } else if (table.hasPath(alias)) {
      loaded.problem(at, alias, "is an endpoint of the listener itself", "another path");
    }
    if (!served.contains(known)) {
      loaded.problem(at, known, "one of " + String.join(", ", served));
    }
  }
}
