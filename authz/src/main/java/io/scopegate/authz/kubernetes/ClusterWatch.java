package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.ReviewObserver;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows everything in the cluster that decides about rights and tokens, and tells of changes. It
 * delays nothing and never gives up: what cannot be followed is tried again, and until then cached
 * answers live for their time.
 */
final class ClusterWatch implements ResourceWatch.Owner<WatchedResource> {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterWatch.class);
  private static final long TICK_MILLIS = 1_000;

  private final Vertx vertx;
  private final ClusterChanges changes;
  private final ReviewObserver observer;
  private final RateLimitedLog<Trouble> troubles;
  private final List<ResourceWatch<WatchedResource>> watches = new ArrayList<>();
  private final Set<WatchedResource> listed = EnumSet.noneOf(WatchedResource.class);
  private final Set<WatchedResource> refused = EnumSet.noneOf(WatchedResource.class);
  private boolean told;
  private long ticks = -1;

  private enum Trouble {
    FAILING
  }

  /**
   * Nothing is asked yet.
   *
   * @param secrets whether Secrets are followed too
   */
  ClusterWatch(
      Vertx vertx,
      ApiLink link,
      boolean secrets,
      ClusterChanges changes,
      InstantSource clock,
      ReviewObserver observer) {
    this.vertx = vertx;
    this.changes = changes;
    this.observer = observer;
    this.troubles = new RateLimitedLog<>(LOG::warn, clock);
    RbacIndex index = new RbacIndex();
    for (WatchedResource resource : WatchedResource.values()) {
      if (secrets || resource != WatchedResource.SECRETS) {
        FollowedObjects objects =
            resource.rbac()
                ? new FollowedRbac(resource, index, changes)
                : new FollowedUids(changes::gone);
        watches.add(new ResourceWatch<>(vertx, link, resource, objects, this, this));
      }
    }
  }

  /** Begins; called once. */
  ClusterWatch start() {
    watches.forEach(ResourceWatch::start);
    ticks = vertx.setPeriodic(TICK_MILLIS, now -> vertx.executeBlocking(this::tick, false));
    return this;
  }

  /** Not on an event loop: who holds the lock may be telling of a change for some time. */
  private boolean tick() {
    watches.forEach(ResourceWatch::tick);
    return true;
  }

  /** Ends. */
  void close() {
    vertx.cancelTimer(ticks);
    watches.forEach(ResourceWatch::close);
  }

  // All of these are called under the lock, which is this.

  @Override
  public void listed(WatchedResource resource) {
    listed.add(resource);
    if (!resource.rbac()) {
      changes.accountsFollowed();
    } else if (listed.stream().filter(WatchedResource::rbac).count() == 4) {
      changes.rightsFollowed();
    }
  }

  @Override
  public void followed(WatchedResource resource, boolean now) {
    if (now) {
      refused.remove(resource);
    }
    observer.followed(resource.plural(), now);
  }

  @Override
  public void rewatched(WatchedResource resource) {
    observer.rewatched(resource.plural());
  }

  @Override
  public void changed(WatchedResource resource) {
    observer.changed(resource.plural());
  }

  @Override
  public void refused(WatchedResource resource, int status) {
    if (refused.add(resource) && !told) {
      told = true;
      // The others' answers are on their way.
      vertx.setTimer(TICK_MILLIS, later -> tellRefused(status));
    }
  }

  private synchronized void tellRefused(int status) {
    LOG.warn(
        "authorization.watchRbac: the API server answers {} to watching {}: their changes take"
            + " effect when cached answers expire; grant list and watch on them, or set watchRbac"
            + " to false",
        status,
        refused.stream().map(WatchedResource::plural).collect(Collectors.joining(", ")));
  }

  @Override
  public void failing(WatchedResource resource, String reason) {
    troubles.warn(Trouble.FAILING, "Restarting the watch of " + resource.plural() + ": " + reason);
  }
}
