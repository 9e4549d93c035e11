package io.scopegate.gateway.route;

import java.util.List;

/** The endpoint table for the tests of other packages. */
public final class EndpointRows {
  private EndpointRows() {}

  /** Each method of each row as {@code METHOD name}. */
  public static List<String> all() {
    return Rows.ALL.stream()
        .flatMap(row -> row.methods().stream().map(method -> method + ' ' + row.endpoint().name()))
        .toList();
  }
}
