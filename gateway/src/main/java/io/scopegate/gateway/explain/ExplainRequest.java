package io.scopegate.gateway.explain;

import io.scopegate.config.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request that is to be explained, as its client would send it.
 *
 * @param listener the listener that it comes to; null for whichever serves it
 * @param method the HTTP method; null for one that the endpoint takes, and for gRPC
 * @param target the path, with a query if there is one
 * @param grpc whether it is a gRPC call
 * @param tenant the value of the tenant header; null for none
 * @param authorizations the values of the authorization header, tokens included
 */
public record ExplainRequest(
    @Nullable String listener,
    @Nullable String method,
    String target,
    boolean grpc,
    @Nullable String tenant,
    List<Secret> authorizations) {
  /** Longer paths and headers reach no listener. */
  private static final int MOST_CHARS = 16 * 1024;

  /** Refuses what is no request at all, and copies the list. */
  public ExplainRequest {
    authorizations = List.copyOf(authorizations);
    if (!target.startsWith("/") || target.length() > MOST_CHARS) {
      throw new IllegalArgumentException("path: " + shown(target) + " (expected: begins with /)");
    }
    if (method != null && !method.matches("[A-Za-z]{1,32}")) {
      throw new IllegalArgumentException("method: " + shown(method) + " (expected: such as GET)");
    }
    if (tenant != null && tenant.length() > MOST_CHARS) {
      throw new IllegalArgumentException("tenant: " + shown(tenant) + " (expected: a name)");
    }
  }

  /**
   * A request by HTTP or a gRPC call: exactly one of both.
   *
   * @param path of a request by HTTP
   * @param grpc {@code SERVICE/METHOD} of a call
   * @param authorization the values of the authorization header
   * @throws IllegalArgumentException when they do not fit together
   */
  public static ExplainRequest of(
      @Nullable String listener,
      @Nullable String method,
      @Nullable String path,
      @Nullable String grpc,
      @Nullable String tenant,
      List<Secret> authorization) {
    if (path != null && grpc == null) {
      return new ExplainRequest(listener, method, path, false, tenant, authorization);
    }
    if (path != null || grpc == null) {
      throw new IllegalArgumentException("path: (expected: either a path or a gRPC method)");
    }
    String target = grpc.startsWith("/") ? grpc : "/" + grpc;
    if (!target.matches("/[^/?]+/[^/?]+")) {
      throw new IllegalArgumentException("grpc: " + shown(grpc) + " (expected: SERVICE/METHOD)");
    }
    if (method != null && !method.equals("POST")) {
      throw new IllegalArgumentException("method: " + shown(method) + " (expected: none for gRPC)");
    }
    return new ExplainRequest(listener, "POST", target, true, tenant, authorization);
  }

  private static String shown(String text) {
    return Printable.of(text.length() > 100 ? text.substring(0, 100) + "..." : text);
  }
}
