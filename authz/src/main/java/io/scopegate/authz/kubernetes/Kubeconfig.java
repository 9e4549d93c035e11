package io.scopegate.authz.kubernetes;

import io.scopegate.authz.kubernetes.Cluster.ClientKey;
import io.scopegate.authz.kubernetes.KubeconfigFiles.Entry;
import io.scopegate.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The API server as a <a
 * href="https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/">kubeconfig</a> file's
 * current context names it. Read here rather than by the client library, which knows no {@code
 * tokenFile}, runs {@code exec} plug-ins through a shell and adds public authorities to the file's
 * own.
 */
final class Kubeconfig implements ClusterAccess {
  private final Path files;
  private final Map<String, String> environment;
  private final ExecCredentials credentials;

  /**
   * Reads nothing yet.
   *
   * @param files one file, or several with the system's path separator between them
   * @param environment where plug-ins are looked for, and what they see
   */
  Kubeconfig(Path files, Map<String, String> environment, InstantSource clock) {
    this.files = files;
    this.environment = Map.copyOf(environment);
    this.credentials = new ExecCredentials(clock);
  }

  @Override
  public Cluster read() throws ClusterAccessException {
    Parsed parsed = parse();
    ExecPlugin plugin = parsed.plugin;
    if (plugin == null) {
      return parsed.cluster;
    }
    ExecCredential credential = credentials.get(plugin);
    Cluster without = parsed.cluster;
    ClientKey clientKey =
        credential.clientKey() == null ? without.clientKey() : credential.clientKey();
    Account account =
        Account.of(
                "the exec plug-in " + plugin.command() + " of " + parsed.origin,
                clientKey,
                credential.token())
            .withRemedy(
                "run the plug-in by hand and look whether kubectl works with this kubeconfig");
    return new Cluster(
        without.server(),
        without.ca(),
        without.insecureSkipVerify(),
        without.serverName(),
        without.proxy(),
        clientKey,
        credential.token(),
        account);
  }

  @Override
  public void refused() {
    credentials.refused();
  }

  /** As {@link #read}, without running anything. */
  void check() throws ClusterAccessException {
    Parsed parsed = parse();
    if (parsed.plugin != null) {
      parsed.plugin.executable();
    }
    ApiTls.context(parsed.cluster);
  }

  /**
   * What the files say.
   *
   * @param plugin what makes the credentials; null when they are in the files
   * @param origin names the user and the context
   */
  private record Parsed(Cluster cluster, @Nullable ExecPlugin plugin, String origin) {}

  private Parsed parse() throws ClusterAccessException {
    KubeconfigFiles config = KubeconfigFiles.read(files);
    String current = config.currentContext();
    Entry context = config.named("contexts", "context", current);
    Entry cluster = config.named("clusters", "cluster", context.text("cluster"));
    Entry user = config.named("users", "user", context.text("user"));
    refuseUnsupported(user);
    String origin =
        "user " + context.text("user") + " in " + user.file() + " (context " + current + ")";
    ClientKey clientKey = clientKey(user);
    Secret token = token(user);
    Cluster read =
        new Cluster(
            server(cluster),
            pem(cluster, "certificate-authority"),
            Boolean.TRUE.equals(cluster.value().get("insecure-skip-tls-verify")),
            cluster.text("tls-server-name"),
            proxy(cluster),
            clientKey,
            token,
            Account.of(origin, clientKey, token));
    // As in client-go, a token in the file wins over what makes one.
    ExecPlugin plugin =
        token == null && user.value().get("exec") != null
            ? ExecPlugin.of(user, cluster, read, environment)
            : null;
    return new Parsed(read, plugin, origin);
  }

  private static void refuseUnsupported(Entry user) throws ClusterAccessException {
    if (user.value().get("auth-provider") != null) {
      throw user.flaw(
          "users: auth-provider",
          "token, tokenFile, exec or a client certificate: kubectl itself has dropped auth-provider;"
              + " write a token with `kubectl create token ACCOUNT -n NAMESPACE > FILE` and name"
              + " FILE as tokenFile");
    }
    for (String key : List.of("username", "password")) {
      if (user.value().get(key) != null) {
        throw user.flaw(
            "users: " + key,
            "token, tokenFile, exec or a client certificate: API servers know no passwords");
      }
    }
    for (String key : List.of("as", "as-uid", "as-groups", "as-user-extra")) {
      if (user.value().get(key) != null) {
        throw user.flaw("users: " + key, "nothing; impersonation is not supported");
      }
    }
  }

  private static URI server(Entry cluster) throws ClusterAccessException {
    String server = cluster.text("server");
    try {
      URI uri = new URI(server == null ? "" : server.replaceAll("/+$", ""));
      if (uri.getHost() != null && List.of("https", "http").contains(uri.getScheme())) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw cluster.flaw("clusters: server", "an address");
    }
    throw cluster.flaw("clusters: server", "https://HOST[:PORT]");
  }

  /** The value may hold a password, so it is not shown. */
  private static @Nullable URI proxy(Entry cluster) throws ClusterAccessException {
    String proxy = cluster.text("proxy-url");
    if (proxy == null) {
      return null;
    }
    try {
      URI uri = new URI(proxy);
      if (uri.getHost() != null
          && uri.getPort() > 0
          && "http".equals(uri.getScheme())
          && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw cluster.flaw("clusters: proxy-url", "http://HOST:PORT");
    }
    throw cluster.flaw(
        "clusters: proxy-url", "http://HOST:PORT; SOCKS, https and passwords are not supported");
  }

  private static @Nullable ClientKey clientKey(Entry user) throws ClusterAccessException {
    String certificate = pem(user, "client-certificate");
    String key = pem(user, "client-key");
    if ((certificate == null) != (key == null)) {
      throw user.flaw("users: client-certificate, client-key", "both or none");
    }
    return certificate == null || key == null
        ? null
        : new ClientKey(certificate, Secret.parse(key));
  }

  /** The file wins over the inline token, as it does in client-go: it is the one that rotates. */
  private static @Nullable Secret token(Entry user) throws ClusterAccessException {
    String path = user.text("tokenFile");
    if (path != null) {
      return AccessFiles.token(user.resolve(path));
    }
    String token = user.text("token");
    return token == null
        ? null
        : AccessFiles.token(token, "kubeconfig: " + user.file() + ": users: token");
  }

  /** Inline data in base64 wins over a file, which is relative to the kubeconfig. */
  private static @Nullable String pem(Entry owner, String key) throws ClusterAccessException {
    String data = owner.text(key + "-data");
    if (data != null) {
      try {
        return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.US_ASCII);
      } catch (IllegalArgumentException e) {
        throw owner.flaw(key + "-data", "base64");
      }
    }
    String path = owner.text(key);
    return path == null ? null : AccessFiles.text(owner.resolve(path), key);
  }
}
