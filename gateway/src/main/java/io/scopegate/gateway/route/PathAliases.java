package io.scopegate.gateway.route;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Further names of endpoints with an exact path, such as {@code /otlp/v1/traces} for {@code
 * /v1/traces}. Each leads to one row of the listener's table, so an alias never reaches anything
 * else. They are looked up after the table itself; there are few of them, so one by one.
 */
final class PathAliases {
  private final List<Alias> aliases;

  private record Alias(String path, PathEntry entry) {}

  /**
   * The aliases of a table.
   *
   * @param known the path that an alias stands for, by alias
   * @param exact the table's exact paths
   * @throws IllegalArgumentException when one stands for a path that is not in there
   */
  PathAliases(Map<String, String> known, PathIndex exact) {
    this.aliases =
        known.entrySet().stream()
            .map(one -> new Alias(one.getKey(), entry(one.getValue(), exact)))
            .toList();
  }

  private static PathEntry entry(String path, PathIndex exact) {
    PathEntry entry = exact.find(path, path.length(), path.hashCode());
    if (entry == null) {
      throw new IllegalArgumentException(path + " (expected: a path of the listener)");
    }
    return entry;
  }

  /** The row that a path stands for; null when it is no alias. */
  @Nullable PathEntry find(CharSequence target, int end) {
    for (int i = 0; i < aliases.size(); i++) {
      String path = aliases.get(i).path();
      if (path.length() == end && CanonicalPath.regionEquals(target, 0, path)) {
        return aliases.get(i).entry();
      }
    }
    return null;
  }

  /**
   * Where a request by HTTP goes.
   *
   * @param end where its path ends
   * @return null when its path is no alias
   */
  @Nullable Routed route(
      CharSequence method,
      CharSequence target,
      int end,
      MediaType media,
      @Nullable CharSequence contentType) {
    PathEntry entry = find(target, end);
    if (entry == null) {
      return null;
    }
    Routed routed = entry.http(method, media, contentType);
    return routed.endpoint() == null
        ? routed
        : routed.by(new Known(AsciiString.of(entry.prefix() + target.toString().substring(end))));
  }

  /** The path that an alias stands for, with the request's query. */
  private record Known(AsciiString target) implements PathRewrite {
    @Override
    public @Nullable Refusal applyTo(Http2Headers head) {
      head.path(target);
      return null;
    }
  }
}
