package io.scopegate.gateway.explain;

import io.scopegate.authz.User;
import io.scopegate.config.Printable;
import io.scopegate.config.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request that is to be explained, as its client would send it.
 *
 * @param listener the listener that it comes to; null for the one that serves it
 * @param method the HTTP method; null for one that the endpoint takes, and for gRPC
 * @param target the path, with a query if there is one
 * @param grpc whether it is a gRPC call
 * @param headers what its head says
 * @param connection how it comes
 * @param as whose request it is, taken for granted instead of a token; null: by the token
 */
public record ExplainRequest(
    @Nullable String listener,
    @Nullable String method,
    String target,
    boolean grpc,
    Headers headers,
    Connection connection,
    @Nullable User as) {
  /** Longer paths and headers reach no listener. */
  private static final int MOST_CHARS = 16 * 1024;

  /**
   * The headers that something is decided by.
   *
   * @param contentType the content type; null for the one that the endpoint usually gets
   * @param tenant the value of the tenant header; null for none
   * @param hosts the host, or several, which no listener takes; none when it does not matter
   * @param origin the origin of the web page that it comes from; null for no page
   * @param authorizations the values of the authorization header, tokens included
   */
  public record Headers(
      @Nullable String contentType,
      @Nullable String tenant,
      List<String> hosts,
      @Nullable String origin,
      List<Secret> authorizations) {
    /** Copies the lists, and refuses what is too long for any listener. */
    public Headers {
      hosts = List.copyOf(hosts);
      authorizations = List.copyOf(authorizations);
      checkLength("content type", contentType, "such as application/json");
      checkLength("tenant", tenant, "a name");
      checkLength("origin", origin, "such as https://grafana.example");
      hosts.forEach(host -> checkLength("host", host, "such as tempo.example:4317"));
    }

    private static void checkLength(String name, @Nullable String value, String expected) {
      if (value != null && value.length() > MOST_CHARS) {
        throw new IllegalArgumentException(
            name + ": " + shown(value) + " (expected: " + expected + ")");
      }
    }
  }

  /**
   * The kind of connection.
   *
   * @param http {@code 1.1} or {@code 2}; null for HTTP/2 with gRPC and HTTP/1.1 otherwise
   * @param clearText whether it is in clear text where the listener takes both; where it takes one
   *     of them only, that is meant anyway
   */
  public record Connection(@Nullable String http, boolean clearText) {
    /** What clients mostly use. */
    public static final Connection USUAL = new Connection(null, false);

    /** Refuses other versions. */
    public Connection {
      if (http != null && !http.equals("1.1") && !http.equals("2")) {
        throw new IllegalArgumentException("http: " + shown(http) + " (expected: 1.1 or 2)");
      }
    }
  }

  /** Refuses what is no request at all. */
  public ExplainRequest {
    if (!target.startsWith("/") || target.length() > MOST_CHARS) {
      throw new IllegalArgumentException("path: " + shown(target) + " (expected: begins with /)");
    }
    if (method != null && !method.matches("[A-Za-z]{1,32}")) {
      throw new IllegalArgumentException("method: " + shown(method) + " (expected: such as GET)");
    }
    if (as != null && !headers.authorizations().isEmpty()) {
      throw new IllegalArgumentException("as: with a token (expected: one of them)");
    }
  }

  /** A request with the token that it has, if any. */
  public ExplainRequest(
      @Nullable String listener,
      @Nullable String method,
      String target,
      boolean grpc,
      Headers headers,
      Connection connection) {
    this(listener, method, target, grpc, headers, connection, null);
  }

  /**
   * This request as that of a user whom nobody has verified: for what they may do.
   *
   * @param user a user's name, or {@code namespace/name} of a service account; null: by the token
   * @param groups groups, with commas between; those that Kubernetes adds itself need not be named
   * @throws IllegalArgumentException when it is no user, or there is a token as well
   */
  public ExplainRequest as(@Nullable String user, @Nullable String groups) {
    if (user == null) {
      if (groups != null) {
        throw new IllegalArgumentException("groups: without a user (expected: as, too)");
      }
      return this;
    }
    return new ExplainRequest(
        listener, method, target, grpc, headers, connection, AssumedUser.of(user, groups));
  }

  /**
   * A request by HTTP or a gRPC call: exactly one of the two.
   *
   * @param path of a request by HTTP
   * @param grpc {@code SERVICE/METHOD} of a call
   * @throws IllegalArgumentException when they do not fit together
   */
  public static ExplainRequest of(
      @Nullable String listener,
      @Nullable String method,
      @Nullable String path,
      @Nullable String grpc,
      Headers headers,
      Connection connection) {
    if (path != null && grpc == null) {
      return new ExplainRequest(listener, method, path, false, headers, connection);
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
    return new ExplainRequest(listener, "POST", target, true, headers, connection);
  }

  /** The target as a client sends it and a codec reads it: a character for each byte of UTF-8. */
  String targetAsRead() {
    return new String(target.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Whether it comes over HTTP/2. */
  boolean http2() {
    return connection.http() == null ? grpc : connection.http().equals("2");
  }

  private static String shown(String text) {
    return Printable.escaped(text.length() > 100 ? text.substring(0, 100) + "..." : text);
  }
}
