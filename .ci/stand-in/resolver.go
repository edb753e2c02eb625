package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// resolver takes the place of the name server that a node has from its network. It knows no name, and prints each query.
// Its arguments are an address and a file, which is read for each query, so that a trial can change how the resolver answers:
// "silent" never, "slow" after 3 s, "refusing" by REFUSED, "everywhere" with one address for every name.
func resolver(address, behaviour string) {
	dns.HandleFunc(".", func(writer dns.ResponseWriter, query *dns.Msg) {
		question := query.Question[0]
		fmt.Printf("%s %s from %s\n", question.Name, dns.TypeToString[question.Qtype], writer.RemoteAddr())
		answer := new(dns.Msg).SetRcode(query, dns.RcodeNameError)
		text, _ := os.ReadFile(behaviour)
		switch strings.TrimSpace(string(text)) {
		case "silent":
			return
		case "slow":
			time.Sleep(3 * time.Second)
		case "refusing":
			answer.Rcode = dns.RcodeRefused
		case "everywhere":
			answer.Rcode = dns.RcodeSuccess
			if question.Qtype == dns.TypeA {
				header := dns.RR_Header{Name: question.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 5}
				answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: net.IPv4(192, 0, 2, 1)})
			}
		}
		_ = writer.WriteMsg(answer)
	})
	ended := make(chan error)
	for _, network := range []string{"udp", "tcp"} {
		go func() { ended <- dns.ListenAndServe(net.JoinHostPort(address, "53"), network, nil) }()
	}
	log.Fatal(<-ended)
}
