package io.scopegate.gateway.importing;

import io.scopegate.config.HostPort;
import io.scopegate.config.Problem;
import io.scopegate.config.YamlFile;
import io.scopegate.gateway.forward.UpstreamUrl;
import io.scopegate.gateway.importing.BoundRules.Rule;
import io.scopegate.gateway.importing.GatewayTenant.Way;
import io.scopegate.gateway.importing.RbacFile.Permission;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The configuration that does what the tempo-operator's gateway does with its two files and its
 * flags.
 */
final class ObservatoriumImport {
  private static final int DEFAULT_HTTP = 8080;
  private static final int DEFAULT_GRPC = 8090;
  private static final int DEFAULT_INTERNAL = 8081;

  private final GatewayFlags flags;
  private final Notes ofFlags;
  private final Notes ofTenants = new Notes();
  private final Notes ofRights = new Notes();
  private final YamlFile tenantsFile;
  private final YamlFile rbacFile;
  private final Map<String, GatewayTenant> tenants;
  private final BoundRules rules;
  private final Draft draft = new Draft();

  private ObservatoriumImport(
      YamlFile tenantsFile, YamlFile rbacFile, GatewayFlags flags, Notes ofFlags) {
    this.tenantsFile = tenantsFile;
    this.rbacFile = rbacFile;
    this.flags = flags;
    this.ofFlags = ofFlags;
    this.tenants = TenantsFile.read(tenantsFile, ofTenants);
    this.rules = new BoundRules(tenants, ofRights);
    RbacFile.read(rbacFile, ofRights, rules::grant);
    if (!usesCluster() && rules.rules().isEmpty() && tenantsFile.problems().isEmpty()) {
      rbacFile.root().problem("nobody has a right", "a role of one of the tenants for traces");
    }
  }

  /**
   * Reads both files.
   *
   * @param ofFlags what is to say about the flags
   */
  static ObservatoriumImport read(Path tenants, Path rbac, GatewayFlags flags, Notes ofFlags) {
    return new ObservatoriumImport(YamlFile.load(tenants), YamlFile.load(rbac), flags, ofFlags);
  }

  /** What is wrong with the files; with something wrong there is no configuration. */
  List<Problem> problems() {
    return Stream.concat(tenantsFile.problems().stream(), rbacFile.problems().stream()).toList();
  }

  /** What would be comments of the configuration. */
  List<String> notes() {
    List<String> notes = new ArrayList<>(ofFlags.all());
    notes.addAll(ofTenants.all());
    notes.addAll(ofRights.all());
    return notes;
  }

  /** The configuration. */
  String configuration() {
    draft.note("scopegate.yaml");
    draft.note("What scopegate import observatorium made. Comments say what is different now.");
    if (!ofFlags.all().isEmpty()) {
      draft.blank();
      ofFlags.all().forEach(draft::note);
    }
    upstreams();
    listeners();
    tls();
    authentication();
    authorization();
    tenancy();
    admin();
    return draft.toString();
  }

  private boolean usesCluster() {
    return tenants.values().stream().anyMatch(tenant -> tenant.way() == Way.KUBERNETES);
  }

  // ---- where it listens, and where requests go

  private void upstreams() {
    draft.blank();
    if (!flags.saysWhereTempoIs()) {
      draft.note(
          "The two files do not say where Tempo is: put it in here, or give the gateway's own flags"
              + " behind -- on the command line.");
      draft.section(
          "tempo",
          () -> {
            draft.entry("distributor", "tempo-distributor");
            draft.entry("queryFrontend", "tempo-query-frontend");
          });
      return;
    }
    draft.section(
        "upstreams",
        () -> {
          upstream("distributor-otlp-grpc", GatewayFlags.OTLP_GRPC, true);
          upstream("distributor-otlp-http", GatewayFlags.OTLP_HTTP, false);
          upstream("query-frontend", GatewayFlags.TEMPO, false);
        });
  }

  private void upstream(String name, String flag, boolean grpc) {
    flags
        .upstream(flag)
        .ifPresent(url ->
            draft.section(
                name,
                () -> {
                  draft.entry("url", url.toString());
                  draft.entry("protocol", protocol(url, grpc, flag));
                  upstreamTls(url);
                }));
  }

  private static String protocol(UpstreamUrl url, boolean grpc, String flag) {
    if (grpc) {
      return url.tls() ? "h2" : "h2c";
    }
    return flag.equals(GatewayFlags.TEMPO) ? "auto" : "http1";
  }

  private void upstreamTls(UpstreamUrl url) {
    Optional<String> ca = flags.get(GatewayFlags.UPSTREAM_CA);
    if (!url.tls() || ca.isEmpty()) {
      return;
    }
    draft.section(
        "tls",
        () -> {
          draft.entry("caFile", ca.get());
          Optional<String> certificate = flags.get(GatewayFlags.UPSTREAM_CERTIFICATE);
          Optional<String> key = flags.get(GatewayFlags.UPSTREAM_KEY);
          if (certificate.isPresent() && key.isPresent()) {
            draft.entry("certificateFile", certificate.get());
            draft.entry("keyFile", key.get());
          }
        });
  }

  private boolean has(String flag) {
    return !flags.saysWhereTempoIs() || flags.get(flag).isPresent();
  }

  private void listeners() {
    draft.section(
        "listeners",
        () -> {
          if (has(GatewayFlags.OTLP_HTTP) || has(GatewayFlags.TEMPO)) {
            draft.section("http", this::http);
          }
          if (has(GatewayFlags.OTLP_GRPC)) {
            draft.section(
                "grpc",
                () -> {
                  draft.entry(
                      "address", flags.address(GatewayFlags.GRPC_LISTEN, DEFAULT_GRPC).toString());
                  draft.entry("serves", List.of("otlp-grpc"));
                  draft.entry("upstream", "distributor-otlp-grpc");
                });
          }
        });
  }

  private void http() {
    draft.entry("address", flags.address(GatewayFlags.LISTEN, DEFAULT_HTTP).toString());
    draft.entry("tenantInPath", true);
    draft.section(
        "routes",
        () -> {
          if (has(GatewayFlags.OTLP_HTTP)) {
            route("otlp-http", "distributor-otlp-http");
          }
          if (has(GatewayFlags.TEMPO)) {
            route("tempo-query", "query-frontend");
          }
        });
  }

  private void route(String serves, String upstream) {
    draft.item(() -> {
      draft.entry("serves", List.of(serves));
      draft.entry("upstream", upstream);
    });
  }

  private void tls() {
    Optional<String> certificate = flags.get(GatewayFlags.CERTIFICATE);
    Optional<String> key = flags.get(GatewayFlags.KEY);
    if (certificate.isEmpty() || key.isEmpty()) {
      return;
    }
    draft.section(
        "tls",
        () -> {
          draft.entry("mode", "required");
          draft.entry("certificateFile", certificate.get());
          draft.entry("keyFile", key.get());
          boolean newest =
              flags.get(GatewayFlags.MIN_VERSION).orElse("VersionTLS13").endsWith("13");
          draft.entry("minVersion", newest ? "TLSv1.3" : "TLSv1.2");
        });
  }

  private void admin() {
    HostPort internal = flags.address(GatewayFlags.INTERNAL_LISTEN, DEFAULT_INTERNAL);
    draft.blank();
    draft.note("Probes ask /livez and /readyz, where they asked /live and /ready.");
    draft.section(
        "admin",
        () -> {
          draft.entry("address", internal.toString());
          draft.entry("console", "127.0.0.1:" + console());
        });
  }

  /** A port that nothing of this configuration has. */
  private int console() {
    List<Integer> taken =
        Stream.of(
                flags.address(GatewayFlags.LISTEN, DEFAULT_HTTP),
                flags.address(GatewayFlags.GRPC_LISTEN, DEFAULT_GRPC),
                flags.address(GatewayFlags.INTERNAL_LISTEN, DEFAULT_INTERNAL))
            .map(HostPort::port)
            .toList();
    int port = DEFAULT_INTERNAL + 1;
    while (taken.contains(port)) {
      port++;
    }
    return port;
  }

  // ---- who may what

  private void authentication() {
    draft.blank();
    ofTenants.all().forEach(draft::note);
    draft.section(
        "authentication",
        () -> {
          if (!usesCluster()) {
            draft.section("kubernetes", () -> draft.entry("mode", "off"));
          }
          if (!rules.prefixes().isEmpty()) {
            notePrefixes();
            draft.section("oidc", () -> rules.prefixes().forEach(this::issuer));
          }
        });
  }

  private void notePrefixes() {
    if (rules.prefixes().values().stream().noneMatch(String::isEmpty)) {
      draft.note(
          "Each tenant's callers were known by its own issuer alone. Prefixes keep it so: the same"
              + " name at another issuer is somebody else.");
    }
  }

  private void issuer(Issuer issuer, String prefix) {
    draft.item(() -> {
      draft.entry("issuer", issuer.url());
      draft.entry("audiences", List.of(issuer.clientId()));
      draft.entry("usernameClaim", issuer.usernameClaim());
      if (issuer.groupClaim() != null) {
        draft.entry("groupsClaim", issuer.groupClaim());
      }
      if (!prefix.isEmpty()) {
        draft.entry("usernamePrefix", prefix);
        draft.entry("groupsPrefix", prefix);
      }
      if (issuer.caFile() != null) {
        draft.entry("caFile", issuer.caFile());
      }
    });
  }

  private void authorization() {
    List<Rule> all = rules.rules();
    draft.blank();
    ofRights.all().forEach(draft::note);
    if (usesCluster()) {
      draft.note(
          "What no rule grants is asked of the cluster: whoever its RBAC lets get or create the"
              + " resource of a tenant's name in tempo.grafana.com may read or write there.");
    }
    if (all.isEmpty()) {
      return;
    }
    draft.section("authorization", () -> draft.section("static", () -> all.forEach(this::rule)));
  }

  private void rule(Rule rule) {
    draft.item(() -> {
      draft.entry(rule.subject().isGroup() ? "group" : "user", rule.subject().name());
      draft.entry("tenants", rule.tenants());
      draft.entry("operations", operations(rule.permissions()));
    });
  }

  private static List<String> operations(Set<Permission> permissions) {
    return permissions.stream().map(p -> p.name().toLowerCase(Locale.ROOT)).toList();
  }

  private void tenancy() {
    List<GatewayTenant> named =
        tenants.values().stream().filter(tenant -> !tenant.id().isEmpty()).toList();
    draft.section(
        "tenancy",
        () -> {
          flags.get(GatewayFlags.TENANT_HEADER).ifPresent(header -> draft.entry("header", header));
          if (!named.isEmpty()) {
            draft.section("ids", () -> named.forEach(t -> draft.entry(t.name(), t.id())));
          }
        });
  }
}
