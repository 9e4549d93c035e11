package io.scopegate.gateway.route;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A request is routed the same as bytes and as text, and what is routed to an endpoint has a path
 * that is read in one way only. The input is a method, a target, a content type and a host, each on
 * a line.
 */
public final class RouteFuzz {
  private static final AsciiString TENANT = AsciiString.cached("x-scope-orgid");
  private static final EndpointTable EXACT =
      table(Protocol.PROXY)
          .withTenantPaths(TENANT)
          .withAliases(Map.of("/otlp/v1/traces", "/v1/traces", "/zipkin/spans", "/spans"))
          .withGrpcWeb();
  private static final EndpointTable PROXY = EndpointTable.of(List.of(Set.of(Protocol.PROXY)));

  private RouteFuzz() {}

  /** All protocols but one, which would take what belongs to the others. */
  private static EndpointTable table(Protocol without) {
    Set<Protocol> protocols = EnumSet.allOf(Protocol.class);
    protocols.remove(without);
    protocols.removeIf(Protocol::isGeneric);
    return EndpointTable.of(List.of(protocols));
  }

  /** One head. */
  public static void fuzzerTestOneInput(byte[] data) {
    String[] lines = new String(data, StandardCharsets.ISO_8859_1).split("\n", 4);
    if (lines.length < 2) {
      return;
    }
    String type = lines.length > 2 && !lines[2].isEmpty() ? lines[2] : null;
    route(EXACT, lines[0], lines[1], type);
    route(PROXY, lines[0], lines[1], type);
    settle(lines[0], lines[lines.length - 1]);
  }

  private static void route(EndpointTable table, String method, String target, String type) {
    Routed routed = table.route(method, target, type);
    Routed bytes =
        table.route(
            new AsciiString(method),
            new AsciiString(target.getBytes(StandardCharsets.ISO_8859_1), false),
            type == null ? null : new AsciiString(type));
    if (!routed.equals(bytes)) {
      throw new AssertionError("as text " + routed + ", as bytes " + bytes);
    }
    if ((routed.endpoint() == null) == (routed.refusal() == null)) {
      throw new AssertionError("neither refused nor routed, or both: " + routed);
    }
    if (routed.endpoint() != null && !isPlain(target)) {
      throw new AssertionError(target + " was routed: " + routed);
    }
  }

  private static boolean isPlain(String target) {
    String path = EndpointTable.pathOf(target).toString();
    boolean tag = path.contains("/search/tag/");
    return path.startsWith("/")
        && target.chars().noneMatch(c -> c <= ' ' || c == 0x7f || c == '#')
        && !path.contains("/../")
        && !path.endsWith("/..")
        && (tag || !path.contains("//") && !path.toLowerCase(Locale.ROOT).contains("%2e"));
  }

  private static void settle(String one, String other) {
    Http2Headers head = new DefaultHttp2Headers(false).authority(one).add("host", other);
    if (Authority.canonicalize(head) == null
        && (head.contains("host") || !Authority.isPlain(head.authority()))) {
      throw new AssertionError("not one plain authority: " + head);
    }
  }
}
