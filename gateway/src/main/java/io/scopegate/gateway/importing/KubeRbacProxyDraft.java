package io.scopegate.gateway.importing;

import io.netty.util.NetUtil;
import io.scopegate.config.HostPort;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.forward.PathPrefix;
import io.scopegate.gateway.forward.UpstreamUrl;
import io.scopegate.gateway.tls.ServerContexts;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the configuration that is equivalent to a kube-rbac-proxy. */
final class KubeRbacProxyDraft {
  private static final String TENANT_HEADER = "X-Scope-OrgID";
  private static final int DEBUG = 4;
  private static final boolean HAS_IPV6 = hasIpv6();

  private final KubeRbacProxyFlags flags;
  private final KubeRbacProxyAuthorization authorization;
  private final List<String> notes = new ArrayList<>();
  private final Draft out = new Draft();
  private final boolean oidc;

  KubeRbacProxyDraft(KubeRbacProxyFlags flags, Loaded<KubeRbacProxyFile> file) {
    this.flags = flags;
    this.authorization = new KubeRbacProxyAuthorization(file, out, notes);
    this.oidc = !flags.text("oidc-issuer").isEmpty();
    write();
  }

  /** Go leaves the host out for all addresses, those of IPv6 too where the machine has it. */
  static String hosted(String address) {
    return address.startsWith(":") ? (HAS_IPV6 ? "[::]" : "0.0.0.0") + address : address;
  }

  private static boolean hasIpv6() {
    return !NetUtil.isIpV4StackPreferred()
        && NetUtil.NETWORK_INTERFACES.stream()
            .anyMatch(one -> one.inetAddresses().anyMatch(Inet6Address.class::isInstance));
  }

  /** What differs, one sentence each. */
  List<String> notes() {
    return List.copyOf(notes);
  }

  /** The configuration with the notes before it. */
  String yaml() {
    Draft head = new Draft();
    head.note("What kube-rbac-proxy does with the flags that this was generated from, except:");
    notes.forEach(head::bullet);
    return head.blank().toString() + out;
  }

  // ---- the parts

  private void write() {
    if (isTempo()) {
      notes.add(
          "gRPC calls that are known to read, tempopb.StreamingQuerier's, are reviewed as `get`:"
              + " kube-rbac-proxy asks for `create`, as it does for every POST.");
    }
    notes.add(
        "A request that cannot be decided because the API server does not answer gets 503, on which"
            + " clients retry, and not 401 or 500.");
    notes.add(
        "Identity headers (x-remote-*, x-forwarded-user, impersonate-* and the like)"
            + " are not forwarded when a client sends them, and tokens never are.");
    upstream();
    listeners();
    authentication();
    authorization.write();
    tenancy();
    identityHeaders();
    notes.add(
        "Metrics, /livez and /readyz are on a free port of loopback: to see them, set admin.address"
            + " to a port that is free in the Pod.");
    out.section("admin", () -> out.entry("address", "127.0.0.1:0").none("console"));
    log();
    flagsWithoutEffect();
  }

  /** Whether what is protected is a Tempo, as far as the flags tell. */
  private boolean isTempo() {
    String upstream = flags.text("upstream");
    return upstream.contains("tempo")
        || upstream.matches(".*:(3200|4317|4318)(/.*)?")
        || TENANT_HEADER.equalsIgnoreCase(authorization.rewrites().getOrDefault("header", ""));
  }

  private void upstream() {
    Target target = Target.parse(flags.text("upstream"));
    UpstreamUrl url = target.url();
    PathPrefix prefix = target.prefix();
    out.section(
        "upstreams",
        () ->
            out.section(
                "upstream",
                () -> {
                  out.entry("url", url);
                  out.entry("protocol", flags.isOn("upstream-force-h2c") ? "h2c" : "auto");
                  if (prefix != null) {
                    out.entry("pathPrefix", prefix);
                  }
                  if (url.tls()) {
                    upstreamTls();
                  }
                }));
    if (!url.tls() && flags.isGiven("upstream-ca-file")) {
      notes.add("--upstream-ca-file has no effect because the upstream is in clear text.");
    }
  }

  /** Where requests go, and what is put before their paths. */
  record Target(UpstreamUrl url, @Nullable PathPrefix prefix) {
    static Target parse(String text) {
      int scheme = text.indexOf("://");
      int slash = scheme < 0 ? -1 : text.indexOf('/', scheme + 3);
      if (slash < 0) {
        return new Target(UpstreamUrl.parse(text), null);
      }
      int end = text.endsWith("/") ? text.length() - 1 : text.length();
      String path = text.substring(slash, Math.max(slash, end));
      return new Target(
          UpstreamUrl.parse(text.substring(0, slash)),
          path.isEmpty() ? null : PathPrefix.parse(path));
    }
  }

  private void upstreamTls() {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("caFile", flags.text("upstream-ca-file"));
    keys.put("certificateFile", flags.text("upstream-client-cert-file"));
    keys.put("keyFile", flags.text("upstream-client-key-file"));
    out.texts("tls", keys);
    if (!keys.containsKey("caFile") && keys.containsKey("keyFile")) {
      notes.add(
          "The certificate of --upstream-client-cert-file is presented to the upstream;"
              + " kube-rbac-proxy presents it only with --upstream-ca-file.");
    }
  }

  private void listeners() {
    String secure = flags.text("secure-listen-address");
    String insecure = flags.text("insecure-listen-address");
    out.section(
        "listeners",
        () -> {
          if (!secure.isEmpty()) {
            listener("secure", secure, true);
          }
          if (!insecure.isEmpty()) {
            listener("insecure", insecure, false);
          }
          if (flags.number("proxy-endpoints-port") > 0) {
            health(secure);
          }
        });
    if (secure.startsWith(":") || insecure.startsWith(":")) {
      notes.add(
          "An address without a host is that of all addresses, IPv6 and IPv4; on a machine without"
              + " IPv6 write 0.0.0.0:PORT.");
    }
    clients();
  }

  private void listener(String name, String address, boolean tls) {
    out.section(
        name,
        () -> {
          out.entry("address", hosted(address));
          out.entry("serves", List.of("proxy"));
          out.entry("upstream", "upstream");
          paths("allowPaths", "allow-paths");
          paths("ignorePaths", "ignore-paths");
          if (tls) {
            tls();
          }
        });
  }

  private void paths(String key, String flag) {
    List<String> patterns = flags.list(flag);
    if (!patterns.isEmpty()) {
      out.entry(key, patterns);
    }
    if (!patterns.isEmpty() && key.equals("ignorePaths")) {
      addOnce(
          "Requests to --ignore-paths reach the upstream without a token and without "
              + TENANT_HEADER
              + ", whatever the client sends.");
    }
  }

  private void addOnce(String note) {
    if (!notes.contains(note)) {
      notes.add(note);
    }
  }

  private void health(String secure) {
    HostPort address =
        new HostPort(HostPort.parse(hosted(secure)).host(), flags.number("proxy-endpoints-port"));
    out.section(
        "health",
        () -> {
          out.entry("address", address);
          out.entry("serves", List.of("health"));
          tls();
        });
  }

  private void tls() {
    out.section(
        "tls",
        () -> {
          out.entry("mode", "required");
          if (flags.text("tls-cert-file").isEmpty()) {
            out.entry("selfSigned", true);
          } else {
            out.entry("certificateFile", flags.text("tls-cert-file"));
            out.entry("keyFile", flags.text("tls-private-key-file"));
          }
          out.entry("minVersion", minVersion(flags));
          cipherSuites();
          clientCa();
        });
    if (flags.text("tls-min-version").matches("VersionTLS1[01]")) {
      addOnce("--tls-min-version: versions before 1.2 are not supported.");
    }
  }

  private void clientCa() {
    String authorities = flags.text("client-ca-file");
    if (authorities.isEmpty()) {
      return;
    }
    if (oidc) {
      addOnce("--client-ca-file has no effect with --oidc-issuer.");
      return;
    }
    out.entry("clientCaFile", authorities);
    addOnce("A request with both a client certificate and a token is decided by its token alone.");
  }

  static String minVersion(KubeRbacProxyFlags flags) {
    return switch (flags.text("tls-min-version", "VersionTLS12")) {
      case "VersionTLS10", "VersionTLS11", "VersionTLS12", "" -> "TLSv1.2";
      case "VersionTLS13" -> "TLSv1.3";
      default ->
          throw new IllegalArgumentException(
              "--tls-min-version: unknown (expected: VersionTLS12 or VersionTLS13)");
    };
  }

  private void cipherSuites() {
    List<String> wanted =
        flags.list("tls-cipher-suites").stream()
            .map(suite -> suite.endsWith("_POLY1305") ? suite + "_SHA256" : suite)
            .toList();
    List<String> known = wanted.stream().filter(ServerContexts.SUITES::contains).toList();
    if (known.size() < wanted.size()) {
      addOnce(
          "--tls-cipher-suites: those without forward secrecy and authenticated encryption are not"
              + " offered; those of TLS 1.3 always are.");
    }
    if (!known.isEmpty()) {
      out.entry("cipherSuites", known);
    }
  }

  private void clients() {
    boolean noHttp2 = flags.isOn("http2-disable");
    int streams = flags.number("http2-max-concurrent-streams");
    if (noHttp2 || streams > 0) {
      out.section(
          "clients",
          () -> {
            if (noHttp2) {
              out.entry("http2", false);
            }
            if (streams > 0) {
              out.entry("maxStreams", streams);
            }
          });
    }
    if (flags.isGiven("http2-max-size")) {
      notes.add("--http2-max-size has no effect: windows grow with the traffic.");
    }
  }

  // ---- who

  private void authentication() {
    out.section(
        "authentication",
        () -> {
          out.entry("basicPassword", false);
          kubernetes();
          if (oidc) {
            issuer();
          }
        });
  }

  private void kubernetes() {
    List<String> audiences = flags.list("auth-token-audiences");
    int perSecond = flags.number("kube-api-qps");
    int burst = flags.number("kube-api-burst");
    out.section(
        "kubernetes",
        () -> {
          out.entry("mode", oidc ? "rights-only" : "review");
          if (flags.isGiven("kubeconfig")) {
            out.entry("kubeconfig", flags.text("kubeconfig"));
          }
          if (!audiences.isEmpty() && !oidc) {
            out.entry("audiences", audiences);
          }
          if (perSecond > 0 || burst > 0) {
            out.section(
                "reviews",
                () -> {
                  if (perSecond > 0) {
                    out.entry("perSecond", perSecond);
                  }
                  if (burst > 0) {
                    out.entry("burst", burst);
                  }
                });
          }
        });
    if (!audiences.isEmpty() && oidc) {
      notes.add("--auth-token-audiences has no effect with --oidc-issuer.");
    }
  }

  private void issuer() {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("issuer", flags.text("oidc-issuer"));
    keys.put("audiences", List.of(flags.text("oidc-clientID")));
    keys.put("usernameClaim", flags.text("oidc-username-claim", "email"));
    keys.put("groupsClaim", flags.text("oidc-groups-claim", "groups"));
    keys.put("usernamePrefix", flags.text("oidc-username-prefix"));
    keys.put("groupsPrefix", flags.text("oidc-groups-prefix"));
    if (flags.isGiven("oidc-ca-file")) {
      keys.put("caFile", flags.text("oidc-ca-file"));
    }
    out.section(
        "oidc",
        () ->
            out.item(() ->
                keys.forEach((key, value) -> {
                  if (value instanceof List<?> list) {
                    out.entry(key, list);
                  } else {
                    out.entry(key, value);
                  }
                })));
    notes.add("Names and groups of --oidc-issuer that begin with system: are refused.");
    if (flags.isGiven("oidc-sign-alg")) {
      notes.add("--oidc-sign-alg has no effect: the algorithms come from the issuer's keys.");
    }
  }

  // ---- the rest

  /** Where Tempo trusts a header that is not reviewed, every allowed caller can name any tenant. */
  private void tenancy() {
    if (TENANT_HEADER.equalsIgnoreCase(authorization.rewrites().getOrDefault("header", ""))) {
      notes.add("A request with several " + TENANT_HEADER + " headers is refused with 400.");
      return;
    }
    out.section("tenancy", () -> out.entry("forwardUnreviewed", true));
    if (!isTempo()) {
      notes.add(
          TENANT_HEADER
              + " is forwarded as clients send it, as by kube-rbac-proxy. If the upstream has"
              + " tenants, review it: authorization.rewrites.header.");
      return;
    }
    notes.add(
        TENANT_HEADER
            + " is forwarded as clients send it, as by kube-rbac-proxy, and NOBODY REVIEWS IT: in"
            + " front of a Tempo with several tenants, every allowed caller can name any of them."
            + " Review it (authorization.rewrites.header) or remove tenancy.forwardUnreviewed.");
  }

  private void identityHeaders() {
    if (!flags.isOn("auth-header-fields-enabled")) {
      return;
    }
    String separator = flags.text("auth-header-groups-field-separator", "|");
    out.section(
        "forwarding",
        () ->
            out.section(
                "identityHeaders",
                () -> {
                  out.entry("user", flags.text("auth-header-user-field-name", "x-remote-user"));
                  out.entry(
                      "groups", flags.text("auth-header-groups-field-name", "x-remote-groups"));
                  out.entry("separator", separator);
                }));
    notes.add("Groups that hold the separator " + separator + " are not sent to the upstream.");
  }

  private void log() {
    if (flags.number("v") >= DEBUG) {
      out.section("log", () -> out.entry("level", "debug"));
    }
  }

  private void flagsWithoutEffect() {
    if (!flags.old().isEmpty()) {
      notes.add("--" + String.join(", --", flags.old()) + ": no effect, as in kube-rbac-proxy.");
    }
    for (String name : List.of("tls-reload-interval", "vmodule", "log-flush-frequency")) {
      if (flags.isGiven(name)) {
        notes.add("--" + name + " has no effect.");
      }
    }
  }
}
