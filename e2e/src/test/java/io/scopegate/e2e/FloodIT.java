package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Tokens by the ten thousand that are good for nothing: the API server hears of none. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FloodIT {
  private static final int FORGED = 100_000;
  private static final int REPEATED = 10_000;
  private static final int FLOODERS = 4;

  /** Together 2,000 a second, which leaves two cores more than half of their time. */
  private static final Duration FLOOD_EVERY = Duration.ofMillis(2);

  private static final int GOOD_CLIENTS = 4;
  private static final Duration GOOD_EVERY = Duration.ofMillis(20);
  private static final Duration MEASURED = Duration.ofSeconds(15);
  private static final int ATTEMPTS = 3;
  private static final Duration REJECTED_TTL = Duration.ofSeconds(10);
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private Cluster cluster;
  @AutoClose private TempoStandIn tempo;
  @AutoClose private GatewayRun gateway;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = TempoStandIn.start();
    gateway = GatewayRun.of(cluster, Tempo.portsOf(tempo)).start("flood");
  }

  @Test
  void forgedTokensAskNothingAndSlowNobodyDown() throws Exception {
    byte[] good = KeptAlive.search(cluster.token("showcase", "query"), "showcase");
    String genuine = cluster.token("showcase", "query");
    warm(good);
    // the gateway knows the issuer's keys when it has refused a forged token without asking
    Until.holds("keys are known", Duration.ofSeconds(30), () -> asksNothing(forged(genuine)));
    long asked = gateway.reviews("token");
    long answered = cluster.answered("tokenreviews");

    AtomicInteger forged = new AtomicInteger();
    Duration alone = Duration.ZERO;
    Duration besides = Duration.ofDays(1);
    for (int i = 0; i < ATTEMPTS && besides.compareTo(alone.multipliedBy(2)) > 0; i++) {
      alone = p99(good, () -> KeptAlive.get("/livez", ""), gateway.ports().admin(), 200, forged);
      forged.set(0);
      besides = p99(good, () -> forged(genuine), gateway.ports().query(), 401, forged);
    }
    flood(() -> forged(genuine), FORGED - forged.get());

    assertThat(besides).as("p99 beside forged tokens").isLessThanOrEqualTo(alone.multipliedBy(2));
    assertThat(gateway.reviews("token")).isEqualTo(asked);
    assertThat(cluster.answered("tokenreviews")).isEqualTo(answered);
    assertThat(gateway.process().output()).doesNotContain("OutOfMemory");
  }

  @Test
  void aTokenThatIsWellSignedAndUnknownIsAskedAboutOnceInAWhile() throws Exception {
    cluster.account("showcase", "departed");
    String token = cluster.token("showcase", "departed");
    cluster.delete("/api/v1/namespaces/showcase/serviceaccounts/departed");
    long before = gateway.reviews("token");
    long since = System.nanoTime();
    byte[] request = KeptAlive.search(token, "showcase");
    AtomicInteger sent = new AtomicInteger();
    Paced flood = new Paced();
    for (int i = 0; i < FLOODERS; i++) {
      KeptAlive client = KeptAlive.connect(gateway.ports().query());
      flood.each(
          Duration.ofMillis(1),
          () -> {
            assertThat(client.status(request)).isIn(401, 503);
            return sent.incrementAndGet() < REPEATED || end(client);
          });
    }
    flood.await();
    long periods = (System.nanoTime() - since) / REJECTED_TTL.toNanos() + 1;
    assertThat(gateway.reviews("token") - before).isLessThanOrEqualTo(periods);
  }

  /** The p99 of good clients while others send something else. */
  private Duration p99(
      byte[] good, Supplier<byte[]> other, int port, int status, AtomicInteger sent)
      throws Exception {
    Latencies latencies = new Latencies();
    try (Paced all = new Paced()) {
      for (int i = 0; i < FLOODERS; i++) {
        flood(all, other, port, status, sent, Integer.MAX_VALUE);
      }
      for (int i = 0; i < GOOD_CLIENTS; i++) {
        KeptAlive client = KeptAlive.connect(gateway.ports().query());
        all.each(
            GOOD_EVERY,
            () -> {
              long since = System.nanoTime();
              assertThat(client.status(good)).isEqualTo(200);
              latencies.add(System.nanoTime() - since);
              return true;
            });
      }
      Until.passed(MEASURED);
    }
    return latencies.p99();
  }

  private void flood(Supplier<byte[]> request, int count) throws Exception {
    AtomicInteger sent = new AtomicInteger();
    Paced all = new Paced();
    for (int i = 0; i < FLOODERS; i++) {
      flood(all, request, gateway.ports().query(), 401, sent, count);
    }
    all.await();
  }

  private static void flood(
      Paced all, Supplier<byte[]> request, int port, int status, AtomicInteger sent, int count)
      throws Exception {
    KeptAlive client = KeptAlive.connect(port);
    all.each(
        FLOOD_EVERY,
        () -> {
          assertThat(client.status(request.get())).isEqualTo(status);
          return sent.incrementAndGet() < count || end(client);
        });
  }

  private static boolean end(KeptAlive client) throws Exception {
    client.close();
    return false;
  }

  private void warm(byte[] good) throws Exception {
    try (KeptAlive client = KeptAlive.connect(gateway.ports().query())) {
      for (int i = 0; i < 3_000; i++) {
        assertThat(client.status(good)).isEqualTo(200);
      }
    }
  }

  private boolean asksNothing(byte[] request) throws Exception {
    long before = gateway.reviews("token");
    try (KeptAlive client = KeptAlive.connect(gateway.ports().query())) {
      return client.status(request) == 401 && gateway.reviews("token") == before;
    }
  }

  /** As the cluster would have issued it, and never did: a signature of random bytes. */
  private static byte[] forged(String genuine) {
    String[] parts = genuine.split("\\.");
    JsonObject claims =
        new JsonObject(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8))
            .put("jti", UUID.randomUUID().toString());
    byte[] signature = new byte[256];
    new Random().nextBytes(signature);
    signature[0] = 0; // below the modulus, so that it has to be calculated
    String token =
        parts[0]
            + "."
            + BASE64.encodeToString(claims.encode().getBytes(StandardCharsets.UTF_8))
            + "."
            + BASE64.encodeToString(signature);
    return KeptAlive.search(token, "showcase");
  }
}
