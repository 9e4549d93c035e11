package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Fixtures;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.kubernetes.ServiceServers.Server;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.Resource;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.kubernetes.Slice;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The servers of a Service, as the API server tells of them. */
final class ServiceWatchIT {
  private static final ServicePort SERVICE = new ServicePort("tempo", "query", "http", null);

  @TempDir private Path directory;
  private final Heard heard = new Heard();
  private Vertx vertx;
  private KubernetesStandIn cluster;
  private ServiceAccount gateway;
  private KubernetesApi api;

  /** What is told, each kind in order. */
  private static final class Heard implements ServiceListener {
    final BlockingQueue<ServiceServers> found = new LinkedBlockingQueue<>();
    final BlockingQueue<Boolean> followed = new LinkedBlockingQueue<>();
    final BlockingQueue<String> failing = new LinkedBlockingQueue<>();

    @Override
    public void found(ServiceServers servers) {
      found.add(servers);
    }

    @Override
    public void followed(boolean now) {
      followed.add(now);
    }

    @Override
    public void failing(String why) {
      failing.add(why);
    }
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(20, TimeUnit.SECONDS), "nothing was told");
  }

  private List<String> found() throws InterruptedException {
    return next(heard.found).all().stream().map(Server::address).toList();
  }

  private static Slice slice(String name) {
    return Slice.of("tempo", "query", name).port("http", 3200);
  }

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    cluster = KubernetesStandIn.start();
    gateway = cluster.serviceAccount("scopegate", "gateway");
    Path kubeconfig =
        cluster.kubeconfig().withToken(directory.resolve("config"), cluster.token(gateway));
    api =
        Await.result(
            KubernetesApi.connect(
                vertx,
                ClusterAccess.of(kubeconfig, Map.of()),
                Fixtures.reviews(Duration.ofSeconds(20)),
                InstantSource.system(),
                ReviewObserver.NONE));
  }

  @AfterEach
  void stop() {
    Await.result(api.close());
    cluster.close();
    Await.result(vertx.close());
  }

  private KubernetesStandIn.Grant grant() {
    return cluster.grantIn(
        "tempo",
        gateway.subject(),
        Rule.watch(Resource.ENDPOINT_SLICES.group(), Resource.ENDPOINT_SLICES.plural()));
  }

  private Runnable follow() throws InterruptedException {
    Runnable end = api.follow(SERVICE, heard);
    assertThat(next(heard.followed)).isTrue();
    return end;
  }

  @Test
  void changesAreToldOfThisServiceAlone() throws Exception {
    grant();
    cluster.slice(slice("a").ready("10.0.0.1"));
    cluster.slice(Slice.of("tempo", "other", "b").port("http", 3200).ready("10.0.9.9"));
    follow();
    assertThat(found()).containsExactly("10.0.0.1");

    cluster.slice(Slice.of("tempo", "other", "b").port("http", 3200).ready("10.0.9.8"));
    cluster.slice(slice("c").ready("10.0.0.2"));
    assertThat(found()).containsExactly("10.0.0.1", "10.0.0.2");
    cluster.slice(slice("a").terminating("10.0.0.1"));
    assertThat(found()).containsExactly("10.0.0.2");
    cluster.delete(Resource.ENDPOINT_SLICES, "tempo", "c");
    assertThat(found()).as("it ends, but there is nothing else").containsExactly("10.0.0.1");
    cluster.delete(Resource.ENDPOINT_SLICES, "tempo", "a");
    assertThat(found()).isEmpty();
  }

  @Test
  void whatHappenedWhileTheWatchWasAwayIsFound() throws Exception {
    grant();
    cluster.slice(slice("a").ready("10.0.0.1"));
    cluster.slice(slice("b").ready("10.0.0.2"));
    follow();
    assertThat(found()).hasSize(2);

    int port = cluster.port();
    cluster.stopListening();
    assertThat(next(heard.followed)).isFalse();
    assertThat(next(heard.failing)).isNotEmpty();
    assertThat(heard.found).as("what is known stays").isEmpty();
    cluster.delete(Resource.ENDPOINT_SLICES, "tempo", "a");
    cluster.compact(); // the place where the watch ended is forgotten: 410
    cluster.listenAgain(port);

    assertThat(found()).containsExactly("10.0.0.2");
  }

  @Test
  void aListAgainThatShowsTheSameTellsNothing() throws Exception {
    grant();
    cluster.slice(slice("a").ready("10.0.0.1"));
    follow();
    assertThat(found()).hasSize(1);
    int lists = cluster.requests().of(RequestKind.LIST);
    cluster.compact();
    cluster.dropWatches();
    cluster.requests().await(RequestKind.LIST, lists + 1);
    cluster.slice(slice("a").ready("10.0.0.9"));

    assertThat(found()).as("the next that is told").containsExactly("10.0.0.9");
  }

  @Test
  void withoutTheRightItSaysWhichOneIsMissing() throws Exception {
    api.follow(SERVICE, heard);

    assertThat(next(heard.failing))
        .isEqualTo(
            "the API server answers 403 to listing and watching endpointslices in namespace tempo");
    assertThat(heard.found).isEmpty();
  }

  @Test
  void whenTheRightIsTakenAwayWhatIsKnownStays() throws Exception {
    KubernetesStandIn.Grant grant = grant();
    cluster.slice(slice("a").ready("10.0.0.1"));
    follow();
    assertThat(found()).hasSize(1);
    grant.revoke();
    cluster.dropWatches();

    String why = next(heard.failing);
    while (!why.contains("403")) { // a watch that ends at once is tried again
      why = next(heard.failing);
    }
    assertThat(heard.found).isEmpty();
  }

  @Test
  void itEndsWhenItIsNotWantedAnyMore() throws Exception {
    grant();
    Runnable end = follow();
    assertThat(found()).isEmpty();
    end.run();

    assertThat(next(heard.followed)).isFalse();
  }
}
