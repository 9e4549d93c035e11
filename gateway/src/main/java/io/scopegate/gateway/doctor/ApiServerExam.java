package io.scopegate.gateway.doctor;

import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.kubernetes.ApiProbe;
import io.scopegate.authz.kubernetes.ClusterAccessException;
import io.scopegate.authz.kubernetes.ServicePort;
import io.scopegate.authz.kubernetes.ServiceServers;
import io.scopegate.config.DurationText;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.forward.Causes;
import io.scopegate.gateway.forward.UpstreamService;
import io.scopegate.gateway.probe.Finding;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The API server: whether it is reached and trusted, what time it has, whether it takes the
 * gateway's account, and each right that the account needs.
 */
final class ApiServerExam {
  private static final String SUBJECT = "authentication.kubernetes";
  private static final String SELF = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  private static final String RBAC = "rbac.authorization.k8s.io";
  private static final String DELEGATOR =
      "bind the ClusterRole system:auth-delegator to this account";

  /** Nothing that a minute of difference does not explain is refused; more refuses good tokens. */
  private static final Duration TOLERATED = Duration.ofMinutes(1);

  private static final Duration NOTED = Duration.ofSeconds(10);

  private final GatewayConfig config;
  private final Duration timeout;
  private final InstantSource clock;
  private final List<Finding> findings = new ArrayList<>();

  ApiServerExam(GatewayConfig config, Duration timeout, InstantSource clock) {
    this.config = config;
    this.timeout = timeout;
    this.clock = clock;
  }

  List<Finding> examine() {
    KubernetesConfig kubernetes = config.authentication().kubernetes();
    if (kubernetes.mode() == KubernetesConfig.Mode.OFF) {
      return findings;
    }
    try (ApiProbe api = ApiProbe.open(kubernetes, timeout)) {
      examine(api, kubernetes);
    } catch (ClusterAccessException e) {
      findings.add(
          Finding.error(
              SUBJECT,
              "it is not known where the API server is: " + e.getMessage(),
              "set authentication.kubernetes.kubeconfig, or run it in a Pod with a service account"));
    }
    return findings;
  }

  private void examine(ApiProbe api, KubernetesConfig kubernetes) {
    String who = api.account().isEmpty() ? "this account" : api.account();
    try {
      ApiProbe.Answer version = api.get("/version");
      findings.add(
          Finding.ok(
              SUBJECT,
              api.server()
                  + " answers"
                  + version(version.body())
                  + (api.account().isEmpty() ? "" : "; the account is " + who)));
      clock(version.date());
      if (isKnown(api, who)) {
        rights(api, kubernetes);
        services(api);
        keys(api, kubernetes);
      }
    } catch (IOException e) {
      String host = String.valueOf(URI.create(api.server()).getHost());
      findings.add(
          Finding.error(
              SUBJECT,
              api.server() + " cannot be used: " + Causes.of(e, host, DurationText.format(timeout)),
              Causes.isTls(e)
                  ? "check certificate-authority in the kubeconfig"
                  : "check server in the kubeconfig, and network policies"));
    }
  }

  private static String version(JsonObject body) {
    return body.getValue("gitVersion") instanceof String text ? " (" + text + ")" : "";
  }

  private void clock(String date) {
    try {
      Instant there = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration difference = Duration.between(there, clock.instant()).abs();
      if (difference.compareTo(NOTED) < 0) {
        return;
      }
      String text =
          "this machine's clock and the API server's differ by " + difference.toSeconds() + "s";
      String remedy = "synchronise the clocks (NTP); tokens and certificates have dates";
      findings.add(
          difference.compareTo(TOLERATED) > 0
              ? Finding.error(SUBJECT, text, remedy)
              : Finding.warning(SUBJECT, text, remedy));
    } catch (DateTimeException e) {
      // It tells no time.
    }
  }

  private boolean isKnown(ApiProbe api, String who) throws IOException {
    int status =
        api.post(SELF, review("create", "authentication.k8s.io", "tokenreviews", "")).status();
    if (status == 401) {
      findings.add(
          Finding.error(
              SUBJECT,
              api.server() + " answers 401: it does not accept the credential of " + who,
              "renew the token or certificate in the kubeconfig, or the service account of the"
                  + " Pod"));
      return false;
    }
    return true;
  }

  // ---- rights

  /** The namespace is empty for all of them. */
  private record Right(
      String verb, String group, String resource, String namespace, String remedy) {
    Right(String verb, String group, String resource, String remedy) {
      this(verb, group, resource, "", remedy);
    }

    @Override
    public String toString() {
      return verb
          + " "
          + resource
          + (group.isEmpty() ? "" : "." + group)
          + (namespace.isEmpty() ? "" : " in namespace " + namespace);
    }
  }

  private void rights(ApiProbe api, KubernetesConfig kubernetes) throws IOException {
    for (Right right : needed(kubernetes)) {
      JsonObject body = review(right.verb, right.group, right.resource, right.namespace);
      ApiProbe.Answer answer = api.post(SELF, body);
      JsonObject status = answer.body().getJsonObject("status", new JsonObject());
      if (answer.status() / 100 != 2) {
        findings.add(
            Finding.warning(
                SUBJECT,
                "the API server answers "
                    + answer.status()
                    + " when asked for the right to "
                    + right,
                "grant system:basic-user to this account, to let it see its own rights"));
      } else if (status.getBoolean("allowed", false)) {
        findings.add(Finding.ok(SUBJECT, "may " + right));
      } else {
        boolean review = right.verb.equals("create");
        Finding.Level level = review ? Finding.Level.ERROR : Finding.Level.WARNING;
        findings.add(new Finding(level, SUBJECT, "may not " + right, right.remedy));
      }
    }
  }

  private List<Right> needed(KubernetesConfig kubernetes) {
    List<Right> needed = new ArrayList<>();
    if (kubernetes.mode().takesTokens()) {
      needed.add(new Right("create", "authentication.k8s.io", "tokenreviews", DELEGATOR));
    }
    needed.add(new Right("create", "authorization.k8s.io", "subjectaccessreviews", DELEGATOR));
    if (config.authorization().watchRbac()) {
      String remedy =
          "grant list and watch on it, or set authorization.watchRbac: false; until then changes"
              + " take effect when cached answers expire";
      for (String verb : List.of("list", "watch")) {
        for (String rbac :
            List.of("clusterroles", "clusterrolebindings", "roles", "rolebindings")) {
          needed.add(new Right(verb, RBAC, rbac, remedy));
        }
        needed.add(new Right(verb, "", "serviceaccounts", remedy));
        needed.add(new Right(verb, "", "pods", remedy));
        if (kubernetes.watchSecrets()) {
          needed.add(new Right(verb, "", "secrets", remedy));
        }
      }
    }
    for (String namespace :
        new TreeSet<>(services().values().stream().map(UpstreamService::namespace).toList())) {
      for (String verb : List.of("list", "watch")) {
        needed.add(
            new Right(
                verb,
                "discovery.k8s.io",
                "endpointslices",
                namespace,
                "grant list and watch on it by a Role in that namespace; without it an upstream"
                    + " with a service has no servers"));
      }
    }
    return needed;
  }

  private Map<String, UpstreamService> services() {
    Map<String, UpstreamService> all = new LinkedHashMap<>();
    config
        .effectiveUpstreams()
        .forEach((name, upstream) -> {
          if (upstream.service() != null) {
            all.put(name, upstream.service());
          }
        });
    return all;
  }

  /** The servers of each Service that an upstream has. */
  private void services(ApiProbe api) {
    services()
        .forEach((name, it) -> {
          String key = "upstreams." + name + ".service";
          try {
            ServiceServers servers =
                api.servers(
                    new ServicePort(
                        it.namespace(), it.name(), it.port(), config.forwarding().zone()));
            int count = servers.all().size();
            findings.add(
                count > 0
                    ? Finding.ok(key, it + " has " + count + (count == 1 ? " server" : " servers"))
                    : Finding.warning(
                        key,
                        it + ": " + servers.whyNone(),
                        "check namespace, name and port, and that its Pods are ready"));
          } catch (IOException e) {
            findings.add(
                Finding.warning(
                    key,
                    "the servers of " + it + " cannot be read: " + e.getMessage(),
                    "grant list and watch on endpointslices.discovery.k8s.io in its namespace"));
          }
        });
  }

  private static JsonObject review(String verb, String group, String resource, String namespace) {
    JsonObject attributes = new JsonObject().put("verb", verb).put("resource", resource);
    if (!group.isEmpty()) {
      attributes.put("group", group);
    }
    if (!namespace.isEmpty()) {
      attributes.put("namespace", namespace);
    }
    return new JsonObject()
        .put("apiVersion", "authorization.k8s.io/v1")
        .put("kind", "SelfSubjectAccessReview")
        .put("spec", new JsonObject().put("resourceAttributes", attributes));
  }

  // ---- the keys of its tokens

  private void keys(ApiProbe api, KubernetesConfig kubernetes) throws IOException {
    if (!kubernetes.localJwtCheck()) {
      return;
    }
    ApiProbe.Answer discovery = api.get("/.well-known/openid-configuration");
    ApiProbe.Answer keys = api.get("/openid/v1/jwks");
    JsonArray all = keys.body().getJsonArray("keys", new JsonArray());
    if (discovery.status() == 200 && keys.status() == 200 && !all.isEmpty()) {
      findings.add(
          Finding.ok(
              SUBJECT,
              "tokens of "
                  + discovery.body().getString("issuer", "the cluster")
                  + " can be verified locally: "
                  + all.size()
                  + (all.size() == 1 ? " key" : " keys")));
    } else {
      int status = discovery.status() == 200 ? keys.status() : discovery.status();
      findings.add(
          Finding.warning(
              SUBJECT,
              "the keys of the cluster's tokens cannot be read (status " + status + ")",
              "bind the ClusterRole system:service-account-issuer-discovery to this account, or set"
                  + " localJwtCheck: false"));
    }
  }
}
