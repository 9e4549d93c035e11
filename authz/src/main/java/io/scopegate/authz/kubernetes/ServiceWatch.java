package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ReviewObserver;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the servers of one Service. What was known stays while nothing can be asked. It never
 * gives up.
 */
final class ServiceWatch implements ResourceWatch.Owner<ServicePort>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceWatch.class);
  private static final long TICK_MILLIS = 1_000;

  private final Vertx vertx;
  private final ServicePort service;
  private final ServiceListener listener;
  private final ReviewObserver observer;
  private final RateLimitedLog<Trouble> troubles;
  private final ResourceWatch<ServicePort> watch;
  private boolean isRefused;
  private boolean isEmpty;
  private long ticks = -1;

  private enum Trouble {
    FAILING
  }

  /** Nothing is asked yet. */
  ServiceWatch(
      Vertx vertx,
      ApiLink link,
      ServicePort service,
      ServiceListener listener,
      InstantSource clock,
      ReviewObserver observer) {
    this.vertx = vertx;
    this.service = service;
    this.listener = listener;
    this.observer = observer;
    this.troubles = new RateLimitedLog<>(LOG::warn, clock);
    FollowedSlices slices = new FollowedSlices(this::found);
    this.watch = new ResourceWatch<>(vertx, link, service, slices, this, this);
  }

  /** Begins; called once. */
  ServiceWatch start() {
    watch.start();
    ticks = vertx.setPeriodic(TICK_MILLIS, now -> vertx.executeBlocking(this::tick, false));
    return this;
  }

  private boolean tick() {
    watch.tick();
    return true;
  }

  @Override
  public void close() {
    vertx.cancelTimer(ticks);
    watch.close();
  }

  // All of these are called under the lock, which is this.

  private void found(Collection<EndpointSlice> slices) {
    ServiceServers servers = ServiceServers.of(service, slices);
    if (servers.all().isEmpty() != isEmpty) {
      isEmpty = !isEmpty;
      if (isEmpty) {
        LOG.warn("service {}: {}", service, servers.whyNone());
      } else {
        LOG.info("service {}: it has servers again", service);
      }
    }
    listener.found(servers);
  }

  @Override
  public void listed(ServicePort resource) {}

  @Override
  public void followed(ServicePort resource, boolean now) {
    if (now) {
      isRefused = false;
    }
    listener.followed(now);
  }

  @Override
  public void rewatched(ServicePort resource) {
    observer.rewatched(resource.plural());
  }

  @Override
  public void changed(ServicePort resource) {
    observer.changed(resource.plural());
  }

  @Override
  public void refused(ServicePort resource, int status) {
    String why =
        "the API server answers "
            + status
            + " to listing and watching endpointslices in namespace "
            + service.namespace();
    listener.failing(why);
    if (!isRefused) {
      isRefused = true;
      LOG.warn(
          "service {}: {}; grant list and watch on endpointslices.discovery.k8s.io there; until"
              + " then servers that are known already stay",
          service,
          why);
    }
  }

  @Override
  public void failing(ServicePort resource, String reason) {
    listener.failing(reason);
    troubles.warn(Trouble.FAILING, "service " + service + ": restarting the watch: " + reason);
  }
}
