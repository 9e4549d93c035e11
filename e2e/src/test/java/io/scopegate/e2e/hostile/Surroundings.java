package io.scopegate.e2e.hostile;

import io.scopegate.e2e.SpanLedger;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.OidcStandIn;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Everything that the gateway talks to, as stand-ins. The tenant {@code showcase} is honest, {@code
 * payments} is not; a third account has a token that is good and no right at all.
 */
final class Surroundings implements AutoCloseable {
  /** The honest tenant. */
  static final String HONEST = "showcase";

  /** The tenant that attacks. */
  static final String HOSTILE = "payments";

  /** How many messages a search of the honest tenant streams. */
  static final int MESSAGES = 11;

  /** As long as it takes this issuer to show its keys, many can wait for them. */
  private static final Duration SLOW = Duration.ofSeconds(5);

  private final TestCa ca = TestCa.create();
  private final KubernetesStandIn kubernetes = KubernetesStandIn.start();
  private final OidcStandIn issuer = OidcStandIn.start();
  private final OidcStandIn slowIssuer = OidcStandIn.start();
  private final EcIssuer keys = new EcIssuer(issuer);
  private final EcIssuer slowKeys = new EcIssuer(slowIssuer);
  private final TempoStandIn tempo = TempoStandIn.start();
  private final SpanLedger ledger = new SpanLedger();
  private final UpstreamStandIn quick = UpstreamStandIn.quick();
  private final UpstreamStandIn held = UpstreamStandIn.held();
  private final ServiceAccount honest = account(HONEST);
  private final String honestToken = kubernetes.token(honest);
  private final String hostileToken = kubernetes.token(account(HOSTILE));
  private final String unentitledToken =
      kubernetes.token(kubernetes.serviceAccount("visitors", "visitor"));

  Surroundings() {
    slowIssuer.faults().always(OidcStandIn.Document.KEYS, Fault.slow(SLOW));
    for (int i = 1; i < MESSAGES; i++) {
      tempo
          .store()
          .add(
              HONEST,
              Traces.batch(Traces.newId(), "checkout", "POST /cart", 2).getResourceSpansList());
    }
  }

  /** An account that may read and store a tenant's traces. */
  private ServiceAccount account(String tenant) {
    ServiceAccount account = kubernetes.serviceAccount(tenant, "client");
    kubernetes.grant(account.subject(), Rule.readTraces(tenant), Rule.writeTraces(tenant));
    return account;
  }

  /** Issues the gateway's certificates. */
  TestCa ca() {
    return ca;
  }

  /** What the honest collector's spans arrive at. */
  SpanLedger ledger() {
    return ledger;
  }

  /** What the honest readers ask. */
  TempoStandIn tempo() {
    return tempo;
  }

  String honestToken() {
    return honestToken;
  }

  /** A token of the honest account that nobody has seen. */
  String newHonestToken() {
    return kubernetes.token(honest);
  }

  String hostileToken() {
    return hostileToken;
  }

  /** A token that is good, of somebody without a right. */
  String unentitledToken() {
    return unentitledToken;
  }

  /** Signs for users of single sign-on. */
  EcIssuer keys() {
    return keys;
  }

  /** Signs for an issuer that shows its keys slowly. */
  EcIssuer slowKeys() {
    return slowKeys;
  }

  /** Writes what the gateway needs to trust and to log in. */
  void writeCredentials(Path directory) {
    ServiceAccount gateway = kubernetes.serviceAccount("scopegate", "scopegate");
    kubernetes.bind(gateway.subject(), "system:auth-delegator");
    kubernetes.grantWatching(gateway.subject());
    kubernetes.kubeconfig().withToken(directory.resolve("kubeconfig"), kubernetes.token(gateway));
    issuer.ca().writePem(directory.resolve("issuer.crt"));
    slowIssuer.ca().writePem(directory.resolve("slow-issuer.crt"));
  }

  /** What its configuration says of them. */
  Map<String, String> values() {
    return Map.of(
        "LEDGER_PORT", Integer.toString(ledger.port()),
        "TEMPO_PORT", Integer.toString(tempo.queryPort()),
        "QUICK_PORT", Integer.toString(quick.port()),
        "HELD_PORT", Integer.toString(held.port()),
        "ISSUER", issuer.issuer(),
        "SLOW_ISSUER", slowIssuer.issuer());
  }

  @Override
  public void close() {
    held.close();
    quick.close();
    ledger.close();
    tempo.close();
    slowIssuer.close();
    issuer.close();
    kubernetes.close();
  }
}
