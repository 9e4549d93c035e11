// Command kube-apiserver is the real Kubernetes API server, started by the end-to-end tests next to
// an etcd and nothing else: the same entry point as the released binary.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register" // --logging-format=json
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
