package io.scopegate.gateway.importing;

import io.scopegate.authz.OidcConfig;
import io.scopegate.config.YamlFile;
import io.scopegate.config.YamlValue;
import io.scopegate.gateway.access.TenancyConfig;
import io.scopegate.gateway.importing.GatewayTenant.Way;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tenants' file of the <a href="https://github.com/observatorium/api">Observatorium API</a>,
 * which the tempo-operator's gateway is. Secrets in it are never read.
 */
final class TenantsFile {
  private static final Set<String> TENANT =
      Set.of("name", "id", "oidc", "openshift", "mTLS", "authenticator", "opa", "rateLimits");
  private static final Set<String> OIDC =
      Set.of(
          "clientID",
          "clientSecret",
          "groupClaim",
          "issuerCA",
          "issuerCAPath",
          "issuerURL",
          "redirectURL",
          "usernameClaim");
  private static final Set<String> OPENSHIFT =
      Set.of("kubeconfig", "serviceAccount", "redirectURL", "cookieSecret");

  /** In the order in which the gateway takes one when there are several. */
  private static final List<String> WAYS = List.of("oidc", "openshift", "mTLS", "authenticator");

  private final Notes notes;
  private final Map<String, GatewayTenant> tenants = new LinkedHashMap<>();
  private final Map<String, String> namesById = new LinkedHashMap<>();
  private final List<Issuer> issuers = new ArrayList<>();
  private final List<String> withLogin = new ArrayList<>();

  private TenantsFile(Notes notes) {
    this.notes = notes;
  }

  /** Reads all tenants, by name; what is wrong becomes a problem of the file. */
  static Map<String, GatewayTenant> read(YamlFile file, Notes notes) {
    TenantsFile reader = new TenantsFile(notes);
    if (!file.problems().isEmpty()) {
      return Map.of(); // it could not be read
    }
    if (file.root().fields().containsKey("roles")) {
      file.root().problem("has roles: this is the file for --rbac", "the file with tenants");
      return Map.of();
    }
    GoFields root = GoFields.of(file.root(), Set.of("tenants"), notes);
    if (root.items("tenants").isEmpty()) {
      file.root().problem("no tenants", "a list tenants with at least one");
    }
    root.items("tenants").forEach(reader::tenant);
    if (!reader.withLogin.isEmpty()) {
      notes.add(
          "Nobody is sent to a login page, and cookies are not read: clients bring a token, people"
              + " use Grafana, which logs in. So clientSecret, redirectURL and cookieSecret are not"
              + " needed (tenants "
              + Notes.names(reader.withLogin)
              + ").");
    }
    if (reader.issuers.stream().anyMatch(issuer -> issuer.usernameClaim().equals("email"))) {
      notes.add("A token whose email_verified is false is refused where email is the user's name.");
    }
    return reader.tenants;
  }

  private void tenant(YamlValue value) {
    GoFields fields = GoFields.of(value, TENANT, notes);
    String name = fields.needed("name");
    if (name.isEmpty()) {
      return;
    }
    if (tenants.containsKey(name)) {
      value.problem("a second tenant " + name, "each name once");
      return;
    }
    String id = fields.text("id").orElse(name);
    noteLimits(fields);
    GatewayTenant tenant = withWay(fields, name, id);
    boolean usable = isUsable(fields, name, id);
    tenants.put(name, usable ? tenant : new GatewayTenant(name, "", Way.NONE, null, false));
  }

  /** Whether the name is valid for clients here, and the id for Tempo. */
  private boolean isUsable(GoFields fields, String name, String id) {
    YamlValue at = fields.mapping();
    if (!TenancyConfig.isTenant(name) || name.equals("*")) {
      notes.add(at, "the tenant is left out: its name is not valid here.");
      return false;
    }
    if (!TenancyConfig.isTenant(id)) {
      notes.add(at, "the tenant is left out: Tempo does not accept this id.");
      return false;
    }
    if (fields.text("id").isEmpty()) {
      notes.add(at, "the tenant has no id; before, an empty one was sent, now it is the name.");
    }
    String other = namesById.putIfAbsent(id, name);
    if (other != null) {
      notes.add(
          at,
          "the tenant is left out: " + other + " has the same id, and one name must be enough.");
    }
    return other == null;
  }

  private void noteLimits(GoFields fields) {
    fields
        .get("rateLimits")
        .filter(limits -> !limits.items().isEmpty())
        .ifPresent(limits ->
            notes.add(
                limits,
                "limits by path are not migrated; a tenant's limits are in limits.tenants, as"
                    + " ingestRequestsPerSecond, queriesPerSecond and others."));
  }

  // ---- how callers are known

  private GatewayTenant withWay(GoFields fields, String name, String id) {
    List<String> given = WAYS.stream().filter(way -> fields.get(way).isPresent()).toList();
    boolean opa = fields.get("opa").isPresent();
    if (given.isEmpty()) {
      fields
          .mapping()
          .problem("no authentication", "one of oidc, openshift, mTLS and authenticator");
      return new GatewayTenant(name, id, Way.NONE, null, false);
    }
    if (given.size() > 1) {
      notes.add(
          fields.mapping(),
          "of " + String.join(", ", given) + " only " + given.get(0) + " counts, as before.");
    }
    YamlValue way = fields.get(given.get(0)).orElseThrow();
    GatewayTenant tenant = way(given.get(0), way, name, id, !opa);
    noteOpa(fields, tenant);
    return tenant;
  }

  private GatewayTenant way(String kind, YamlValue way, String name, String id, boolean rules) {
    return switch (kind) {
      case "oidc" -> oidc(way, name, id, rules);
      case "openshift" -> openShift(way, name, id, rules);
      case "authenticator" -> authenticator(way, name, id, rules);
      default -> certificates(way, name, id, rules);
    };
  }

  private GatewayTenant authenticator(YamlValue way, String name, String id, boolean rules) {
    GoFields fields = GoFields.of(way, Set.of("type", "config"), notes);
    String type = fields.needed("type");
    Optional<YamlValue> config = fields.get("config");
    if (config.isEmpty()) {
      way.problem("config is missing", "a config");
    }
    if (config.isPresent() && Set.of("oidc", "openshift", "mtls").contains(type)) {
      return way(type, config.get(), name, id, rules);
    }
    notes.add(way, "nobody can call the tenant: this kind of authentication does not exist here.");
    return new GatewayTenant(name, id, Way.NONE, null, false);
  }

  private GatewayTenant openShift(YamlValue way, String name, String id, boolean rules) {
    GoFields fields = GoFields.of(way, OPENSHIFT, notes);
    withLogin.add(name);
    fields
        .get("kubeconfig")
        .ifPresent(at -> notes.add(at, "see authentication.kubernetes.kubeconfig."));
    return new GatewayTenant(name, id, Way.KUBERNETES, null, rules);
  }

  /**
   * There each tenant has authorities of its own for its own callers, and the name is an
   * alternative name. Here the authorities of a port are for all tenants, and the name is the CN.
   */
  private GatewayTenant certificates(YamlValue way, String name, String id, boolean rules) {
    GoFields.of(way, Set.of("ca", "caPath"), notes);
    notes.add(
        way,
        "nobody can call the tenant by a client certificate yet: here tls.clientCaFile is for the"
            + " whole port, anyone with the key of an authority in it can be any user. The CN is"
            + " the user and each O a group, instead of an alternative name and each OU. If the"
            + " authority is yours alone, name it there and write rules for those names.");
    return new GatewayTenant(name, id, Way.NONE, null, rules);
  }

  private GatewayTenant oidc(YamlValue way, String name, String id, boolean rules) {
    GoFields fields = GoFields.of(way, OIDC, notes);
    withLogin.add(name);
    Issuer issuer =
        new Issuer(
            fields.text("issuerURL").orElse(""),
            fields.text("clientID").orElse(""),
            fields.text("usernameClaim").orElse("sub"),
            fields.text("groupClaim").orElse(null),
            fields.text("issuerCAPath").orElse(null),
            fields.text("issuerCAPath").isPresent() ? null : fields.text("issuerCA").orElse(null));
    String flaw = flaw(issuer);
    if (flaw != null) {
      notes.add(way, "nobody can call the tenant: " + flaw);
      return new GatewayTenant(name, id, Way.NONE, null, rules);
    }
    if (!issuers.contains(issuer)) {
      issuers.add(issuer);
    }
    if (issuer.inlineCa() != null) {
      notes.add(
          way,
          "issuerCA has to be in a file of its own: name it as caFile; until then the issuer's"
              + " certificate is checked with the system's authorities.");
    }
    return new GatewayTenant(name, id, Way.OIDC, issuer, rules);
  }

  private @Nullable String flaw(Issuer issuer) {
    if (!OidcConfig.isUsableUrl(issuer.url())) {
      return "issuerURL is missing, or none that is asked here: https, or http on loopback.";
    }
    if (issuer.clientId().isBlank()) {
      return "without a clientID no token was accepted there.";
    }
    boolean clash = issuers.stream().anyMatch(o -> o.sharesTokensWith(issuer) && !o.equals(issuer));
    return clash
        ? "a tenant above reads tokens of the same issuer and clientID in another way (claims or"
            + " authorities), and here a token is one user."
        : null;
  }

  private void noteOpa(GoFields fields, GatewayTenant tenant) {
    Optional<YamlValue> opa = fields.get("opa");
    if (opa.isEmpty() || tenant.way() == Way.NONE) {
      return;
    }
    GoFields policy =
        GoFields.of(opa.get(), Set.of("query", "paths", "url", "withAccessToken"), notes);
    if (tenant.way() != Way.KUBERNETES) {
      notes.add(
          opa.get(),
          "OPA is not asked, and its decisions are unknown: nobody has a right to the tenant"
              + " until a rule in authorization.static grants it.");
      return;
    }
    boolean isTempo = policy.text("url").orElse("").contains("/tempostack/");
    notes.add(
        opa.get(),
        "OPA is not asked: the cluster is, by a SubjectAccessReview of "
            + (isTempo ? "the same attributes as OpenShift's OPA asks" : "traces")
            + " (group tempo.grafana.com, the tenant as the resource, name traces, verb get or"
            + " create)."
            + (isTempo ? "" : " Rights that were granted for another group do not count."));
  }
}
