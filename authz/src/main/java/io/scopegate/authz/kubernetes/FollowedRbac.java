package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.kubernetes.RbacIndex.Affected;
import io.scopegate.authz.kubernetes.RbacIndex.Name;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Set;

/** Roles or bindings, of the cluster or of namespaces, in an index that all four kinds share. */
final class FollowedRbac implements FollowedObjects {
  private static final int MAX_OBJECTS = 200_000;
  private static final int MAX_SUBJECTS = 1_000_000;

  private final boolean cluster;
  private final boolean roles;
  private final RbacIndex index;
  private final ClusterChanges changes;
  private Set<Name> listed = new HashSet<>();
  private Affected affected = new Affected();
  private boolean complete;

  FollowedRbac(WatchedResource resource, RbacIndex index, ClusterChanges changes) {
    this.index = index;
    this.changes = changes;
    this.cluster =
        resource == WatchedResource.CLUSTER_ROLES
            || resource == WatchedResource.CLUSTER_ROLE_BINDINGS;
    this.roles = resource == WatchedResource.CLUSTER_ROLES || resource == WatchedResource.ROLES;
  }

  @Override
  public void listing() {
    listed = new HashSet<>();
  }

  @Override
  public void listed(JsonObject object) throws TooManyObjectsException {
    listed.add(Name.of(cluster, object));
    changed(object);
  }

  @Override
  public void listed() {
    Set<Name> gone = roles ? index.roleNames(cluster) : index.bindingNames(cluster);
    gone.removeAll(listed);
    listed = new HashSet<>();
    for (Name name : gone) {
      if (roles) {
        index.roleGone(name, affected);
      } else {
        index.bindingGone(name, null, affected);
      }
    }
    if (!complete) {
      // The first list says how things are, not what has changed.
      complete = true;
      affected = new Affected();
    }
    tell();
  }

  @Override
  public void changed(JsonObject object) throws TooManyObjectsException {
    if (roles) {
      index.role(cluster, object, affected);
    } else {
      index.binding(cluster, object, affected);
    }
    tell();
    if (index.size() > MAX_OBJECTS) {
      throw new TooManyObjectsException(MAX_OBJECTS);
    }
    if (index.subjects() > MAX_SUBJECTS) {
      throw new TooManyObjectsException(MAX_SUBJECTS);
    }
  }

  @Override
  public void deleted(JsonObject object) {
    Name name = Name.of(cluster, object);
    if (roles) {
      index.roleGone(name, affected);
    } else {
      index.bindingGone(name, object, affected);
    }
    tell();
  }

  private void tell() {
    if (complete && !affected.isEmpty()) {
      Affected now = affected;
      affected = new Affected();
      now.changes().forEach(changes::rightsChanged);
    }
  }
}
