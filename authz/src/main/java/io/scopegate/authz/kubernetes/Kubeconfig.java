package io.scopegate.authz.kubernetes;

import io.scopegate.authz.kubernetes.Cluster.ClientKey;
import io.scopegate.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The API server as a <a
 * href="https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/">kubeconfig</a> file's
 * current context names it. Read here rather than by the client library, which knows no {@code
 * tokenFile}, runs {@code exec} plug-ins and adds public authorities to the file's own.
 */
final class Kubeconfig implements ClusterAccess {
  private final Path file;

  Kubeconfig(Path file) {
    this.file = file.toAbsolutePath();
  }

  @Override
  public Cluster read() throws ClusterAccessException {
    Map<?, ?> root = parse(AccessFiles.text(file, "kubeconfig"));
    String current = text(root, "current-context");
    if (current == null) {
      throw flaw("current-context", "the name of a context");
    }
    Map<?, ?> context = named(root, "contexts", "context", current);
    Map<?, ?> cluster = named(root, "clusters", "cluster", text(context, "cluster"));
    Map<?, ?> user = named(root, "users", "user", text(context, "user"));
    refuseUnsupported(cluster, user);
    return new Cluster(
        server(cluster),
        pem(cluster, "certificate-authority"),
        Boolean.TRUE.equals(cluster.get("insecure-skip-tls-verify")),
        clientKey(user),
        token(user));
  }

  private Map<?, ?> parse(String yaml) throws ClusterAccessException {
    try {
      Object root = new Load(LoadSettings.builder().build()).loadFromString(yaml);
      if (root instanceof Map<?, ?> map) {
        return map;
      }
    } catch (YamlEngineException e) {
      // Its message quotes the file, and with it perhaps a token.
      throw new ClusterAccessException("kubeconfig: " + file + " (expected: YAML)");
    }
    throw new ClusterAccessException("kubeconfig: " + file + " (expected: a YAML mapping)");
  }

  private Map<?, ?> named(Map<?, ?> root, String list, String key, @Nullable String name)
      throws ClusterAccessException {
    if (root.get(list) instanceof List<?> entries) {
      for (Object entry : entries) {
        if (entry instanceof Map<?, ?> map
            && name != null
            && name.equals(map.get("name"))
            && map.get(key) instanceof Map<?, ?> value) {
          return value;
        }
      }
    }
    throw flaw(list, "an entry named " + name);
  }

  private void refuseUnsupported(Map<?, ?> cluster, Map<?, ?> user) throws ClusterAccessException {
    for (String key : List.of("exec", "auth-provider", "username")) {
      if (user.get(key) != null) {
        throw flaw(
            "users: " + key, "token, tokenFile or a client certificate; others are not supported");
      }
    }
    for (String key : List.of("as", "as-uid", "as-groups", "as-user-extra")) {
      if (user.get(key) != null) {
        throw flaw("users: " + key, "nothing; impersonation is not supported");
      }
    }
    for (String key : List.of("tls-server-name", "proxy-url")) {
      if (cluster.get(key) != null) {
        throw flaw("clusters: " + key, "nothing; it is not supported");
      }
    }
  }

  private URI server(Map<?, ?> cluster) throws ClusterAccessException {
    String server = text(cluster, "server");
    try {
      URI uri = new URI(server == null ? "" : server.replaceAll("/+$", ""));
      if (uri.getHost() != null && List.of("https", "http").contains(uri.getScheme())) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw flaw("clusters: server", "an address");
    }
    throw flaw("clusters: server", "https://HOST[:PORT]");
  }

  private @Nullable ClientKey clientKey(Map<?, ?> user) throws ClusterAccessException {
    String certificate = pem(user, "client-certificate");
    String key = pem(user, "client-key");
    if ((certificate == null) != (key == null)) {
      throw flaw("users: client-certificate, client-key", "both or none");
    }
    return certificate == null || key == null
        ? null
        : new ClientKey(certificate, Secret.parse(key));
  }

  /** The file wins over the inline token, as it does in client-go: it is the one that rotates. */
  private @Nullable Secret token(Map<?, ?> user) throws ClusterAccessException {
    String path = text(user, "tokenFile");
    if (path != null) {
      return AccessFiles.token(file.resolveSibling(path));
    }
    String token = text(user, "token");
    return token == null
        ? null
        : AccessFiles.token(token, "kubeconfig: " + file + ": users: token");
  }

  /** Inline data in base64 wins over a file, which is relative to the kubeconfig. */
  private @Nullable String pem(Map<?, ?> owner, String key) throws ClusterAccessException {
    String data = text(owner, key + "-data");
    if (data != null) {
      try {
        return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.US_ASCII);
      } catch (IllegalArgumentException e) {
        throw flaw(key + "-data", "base64");
      }
    }
    String path = text(owner, key);
    return path == null ? null : AccessFiles.text(file.resolveSibling(path), key);
  }

  private static @Nullable String text(Map<?, ?> owner, String key) {
    Object value = owner.get(key);
    return value == null || value.toString().isEmpty() ? null : value.toString();
  }

  private ClusterAccessException flaw(String key, String expected) {
    return new ClusterAccessException(
        "kubeconfig: " + file + ": " + key + " (expected: " + expected + ")");
  }
}
